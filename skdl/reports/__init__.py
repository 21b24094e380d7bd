"""Records, tables and figures arranged on one self-contained HTML page.

=================  ===========================================================
``page.py``        the page and its sections: what goes where, and writing it
``tuning.py``      the page about a model that was tuned, compared and explained
``blocks.py``      what a section is made of: texts, notes, tables, figures
``templates/``     the HTML and the style sheet
=================  ===========================================================

Nothing is computed here. The page has no script, asks the network for nothing (its
content security policy forbids both), is readable on a phone, in print, in light and in
dark, and shows every name that comes from data as text.
"""

from skdl.reports.page import Page, Section
from skdl.reports.tuning import TuningRecord, tuning_page

__all__ = ["Page", "Section", "TuningRecord", "tuning_page"]
