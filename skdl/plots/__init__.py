"""Records drawn with matplotlib: one figure per file, each returning its Axes.

Every function takes what it draws first and ``ax=None`` (a new figure by default),
computes nothing but positions, never shows and never closes a figure. Colours are
those of Okabe and Ito (2008), which colour-blind readers can tell apart. Names of
features, models and parameters are data: they are shown as they are, not read as
mathematical notation. :func:`draw` finds the function for a record;
:func:`inline_svg` turns the result into SVG for a web page.
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
from skdl.plots._figures import temporary_figures
from skdl.plots._gradient_flow import gradient_flow
from skdl.plots._hyperparameter_path import hyperparameter_path
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
from skdl.plots._svg import inline_svg

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
