"""Records, tables and figures arranged on one self-contained HTML page.

====================  ========================================================
``explanation.py``    `explain_report`: the page about any fitted estimator, its
                      sections in a table; ``subject.py`` has what they are about,
                      ``sections_of_....py`` what fills them
``records.py``        `record_report`: a page of any records, a section each;
                      ``record_kinds.py`` has how each kind is shown
``tuning.py``         the page about a model that was tuned, compared, explained
``page.py``           the page: what is on it, and writing it
``section.py``        a section of a page
``blocks.py``         what a section is made of: texts, notes, tables, figures
``rendering.py``      a page as HTML; ``templates/`` has the template, the style
                      sheet and the script
``markdown.py``       a page as Markdown
``plain_page.py``     a page as plain values, for JSON
====================  ========================================================

A page asks the network for nothing and runs nothing but a script of its own that sorts
tables (its content security policy forbids all else); without it, everything is there
too. It is readable on a phone, in print, in light and in dark, and shows every name
that comes from data as text.
"""

from skdl.reports._explain_report import explain_report
from skdl.reports._page import Page
from skdl.reports._record_report import record_report
from skdl.reports._section import Section
from skdl.reports._tuning import TuningRecord, tuning_page

__all__ = [
    "Page",
    "Section",
    "TuningRecord",
    "explain_report",
    "record_report",
    "tuning_page",
]
