"""Records drawn with matplotlib: one function per file, each returning its Axes.

Every function takes a record first and ``ax=None`` (a new figure by default), computes
only positions, and never shows or closes a figure. ``_registry.py`` has which function
draws which record, ``_style.py`` the look they share, ``_effects.py`` what drawings of
effects share. :func:`draw` draws any record; :func:`inline_svg` turns the result into
SVG for a web page; :func:`temporary_figures` closes figures afterwards.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart.
Names of features, models and parameters are shown unchanged, never read as
mathematical notation.
"""

from skdl.plots._accumulated_local_effects import accumulated_local_effects
from skdl.plots._attributions import attributions
from skdl.plots._best_so_far import best_so_far
from skdl.plots._calibration import calibration
from skdl.plots._capacity_search import capacity_search
from skdl.plots._compare_baselines import compare_baselines
from skdl.plots._compare_optimizers import compare_optimizers
from skdl.plots._compare_regularisation import compare_regularisation
from skdl.plots._confusion import confusion
from skdl.plots._counterfactual import counterfactual
from skdl.plots._diagnosis import diagnosis
from skdl.plots._draw import draw
from skdl.plots._explanation_quality import explanation_quality
from skdl.plots._gradient_flow import gradient_flow
from skdl.plots._hyperparameter_path import hyperparameter_path
from skdl.plots._inline_svg import inline_svg
from skdl.plots._interaction_strength import interaction_strength
from skdl.plots._learning_curve import learning_curve
from skdl.plots._learning_rate_range_test import learning_rate_range_test
from skdl.plots._learning_rate_sweep import learning_rate_sweep
from skdl.plots._model_comparison import model_comparison
from skdl.plots._parameter_importance import parameter_importance
from skdl.plots._partial_dependence import partial_dependence
from skdl.plots._performance import performance
from skdl.plots._permutation_importance import permutation_importance
from skdl.plots._residuals import residuals
from skdl.plots._search_results import search_results
from skdl.plots._slices import slices
from skdl.plots._surrogate import surrogate
from skdl.plots._temporary_figures import temporary_figures

__all__ = [
    "accumulated_local_effects",
    "attributions",
    "best_so_far",
    "calibration",
    "capacity_search",
    "compare_baselines",
    "compare_optimizers",
    "compare_regularisation",
    "confusion",
    "counterfactual",
    "diagnosis",
    "draw",
    "explanation_quality",
    "gradient_flow",
    "hyperparameter_path",
    "inline_svg",
    "interaction_strength",
    "learning_curve",
    "learning_rate_range_test",
    "learning_rate_sweep",
    "model_comparison",
    "parameter_importance",
    "partial_dependence",
    "performance",
    "permutation_importance",
    "residuals",
    "search_results",
    "slices",
    "surrogate",
    "temporary_figures",
]
