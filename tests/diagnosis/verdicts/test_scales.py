"""Scales of features, by hand."""

import numpy as np
import pytest
from scipy import sparse

from skdl.diagnosis.verdicts._scales import feature_scales


@pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_matrix])
def test_scales_by_hand(as_given):
    X = as_given(np.array([[0.0, -3.0, 1.0], [0.0, -1.0, 5.0]]))

    np.testing.assert_allclose(feature_scales(X), [0.0, 3.0, 5.0])
