"""Records, tables and figures on one self-contained HTML page.

=========================  ===================================================
``_explain_report.py``     `explain_report`: a page about any fitted
                           estimator; the table of its sections
``_report_input.py``       its input, and what several sections need;
                           ``_check_input.py`` checks it
``_record_report.py``      `record_report`: a page of records, a section each
``_record_kinds.py``       how each class of records is shown;
                           ``_record_text.py`` has its name and its sentence
``_sections/``             what fills the sections, one module per topic
``_left_out.py``           the section that says what a page lacks, and why
``_page.py``               `Page`: a page to add to, and to write
``_section.py``            `Section`: a section to add blocks to
``_blocks.py``             the blocks: texts, tables, figures
``_page_content.py``       a finished page, which the next three write
``_html.py``               as HTML, with the template in ``templates/``
``_markdown.py``           as Markdown
``_plain_page.py``         as plain values, for JSON
=========================  ===================================================

A page requests nothing from the network. Its content security policy allows only one
script, which sorts tables; without JavaScript the page shows the same. It can be read
on a phone, in print, in light and in dark mode, and it shows every name from the data
as text.
"""

from skdl.reports._explain_report import explain_report
from skdl.reports._page import Page
from skdl.reports._record_report import record_report
from skdl.reports._section import Section

__all__ = ["Page", "Section", "explain_report", "record_report"]
