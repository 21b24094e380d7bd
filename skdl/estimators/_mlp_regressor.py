"""`MLPRegressor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from skdl.estimators._inputs import Tables
from skdl.estimators._regression import NetworkRegressor


class MLPRegressor(NetworkRegressor):
    """Multilayer perceptron for one or several quantities.

    Targets are standardised inside, so that a learning rate means the same whatever
    the unit of y. Features are not: put a scaler in front.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Units of each hidden layer; ``()`` for a linear model.
    activation : {"relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", \
            "selu", "linear"}, default="relu"
        Activation of the hidden layers, by Keras's names.
    kernel_initializer : {"glorot_uniform", "glorot_normal", "he_uniform", \
            "he_normal", "lecun_uniform", "lecun_normal", "orthogonal", \
            "random_uniform", "random_normal"}, default="glorot_uniform"
        How the weights of the hidden layers begin, by Keras's names; biases
        begin as 0, and the last layer's weights by Glorot's rule. "he_normal" is meant
        for ReLU, "lecun_normal" for SELU.
    optimizer : {"sgd", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "nadam", \
            "adamax", "lion"}, default="adam"
        Update rule, with Keras's defaults for what is not a parameter here.
    learning_rate : float, default=0.001
        Base learning rate.
    learning_rate_schedule : {"constant", "exponential", "cosine", "plateau"}, \
            default="constant"
        How the rate changes: "exponential" falls to a hundredth over all `epochs`;
        "cosine" rises over the first twentieth and then falls to 0; "plateau" is halved
        after 5 epochs in which the validation loss (without validation rows the loss)
        did not fall.
    momentum : float, default=0.0
        Momentum of "sgd" and "rmsprop", in [0, 1).
    nesterov : bool, default=False
        Whether the momentum of "sgd" is Nesterov's.
    weight_decay : float, default=None
        Decoupled weight decay per step, times the learning rate. None is 0.004 for
        "adamw" and 0 for the others, as in Keras.
    clip_norm : float, default=None
        Largest norm of all gradients together; longer ones are scaled down. None does
        not clip.
    clip_value : float, default=None
        Largest absolute value of a gradient. None does not clip.
    dropout : float, default=0.0
        Share of hidden units dropped in each training step, in [0, 1).
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise on the features in training, in their
        units.
    batch_norm : bool or {"before", "after"}, default=False
        Whether hidden layers have batch normalisation, before (True) or after the
        activation.
    batch_norm_momentum : float, default=0.9
        Share of the old value in each update of the moving statistics, in [0, 1).
        Keras's 0.99 needs hundreds of steps, more than a small table has.
    residual : bool, default=False
        Whether a hidden layer as wide as its input adds its input to its output.
    l1 : float, default=0.0
        Factor of the sum of absolute kernel weights in the loss.
    l2 : float, default=0.0
        Factor of the sum of squared kernel weights in the loss.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        What to minimise, on standardised targets; "huber" is linear beyond 1 standard
        deviation.
    batch_size : int or "full", default=32
        Rows per step. "full" takes all rows: gradient descent. (Of a sparse table, a
        batch is made dense.)
    epochs : int, default=100
        Passes over the rows; the most there are with early stopping.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order.
    early_stopping : bool, default=False
        Whether to stop when the validation loss no longer falls, and to keep the
        weights of the best epoch. Validation rows are those passed to `fit` as `X_val`,
        else a part of the training rows, all or none of a group if `groups` are passed.
    validation_fraction : float, default=0.1
        Share of the training rows (by weight) held out for early stopping, in (0, 1).
    patience : int, default=10
        Epochs without improvement after which to stop.
    min_delta : float, default=0.0
        How much lower the validation loss must be to count as improved.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the last fit and keeps its scale of the
        targets.
    random_state : int, RandomState instance or None, default=None
        Source of initial weights, orders, dropout and the validation split. None
        differs from fit to fit; NumPy's global generator is neither read nor moved.
    verbose : bool or int, default=False
        Whether to print a line per epoch, or per so many epochs.

    Attributes
    ----------
    n_outputs_ : int
        Units of the last layer.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, if X had names.
    n_iter_ : int
        Number of epochs trained.
    best_epoch_ : int
        Number, from 1, of the epoch with the lowest validation loss (without validation
        rows, loss), as far as `min_delta` tells; 0 if no epoch had a finite one.
    status_ : str
        How training ended, in words.
    history_ : DataFrame
        One row per epoch: epoch, loss, rmse, val_loss and val_rmse (with validation
        rows), learning_rate (of the epoch's last step). Losses include penalties, as in
        Keras; training values are means over the epoch while the weights changed.
    loss_ : float
        Training loss of the epoch whose weights were kept.
    model_ : keras.Model
        The network as a plain Keras model, built anew on each access.

    See Also
    --------
    MLPClassifier : The same for labels.

    Notes
    -----
    Copies of one row meet the same dropout masks and the same side of the
    validation split, so that a sample weight of 2 is exactly a row given twice
    wherever one batch holds all rows. The architecture's layers are dense, batch
    norm, activation, dropout. With ``hidden_layer_sizes=()`` the network is linear,
    and with ``l2 = alpha / n`` for n samples (of equal weight) its optimum is that
    of `sklearn.linear_model.Ridge` with that alpha: Keras's penalty stands beside
    the mean, ridge regression's beside the sum.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from skdl import MLPRegressor
    >>> X, y = make_regression(n_samples=200, n_features=5, random_state=0)
    >>> reg = MLPRegressor((32,), epochs=50, learning_rate=0.01, random_state=0)
    >>> bool(reg.fit(X, y).score(X, y) > 0.95)
    True
    """

    _input_kind = Tables()

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        activation: str = "relu",
        kernel_initializer: str = "glorot_uniform",
        optimizer: str = "adam",
        learning_rate: float = 1e-3,
        learning_rate_schedule: Literal[
            "constant", "exponential", "cosine", "plateau"
        ] = "constant",
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        dropout: float = 0.0,
        input_noise: float = 0.0,
        batch_norm: bool | Literal["before", "after"] = False,
        batch_norm_momentum: float = 0.9,
        residual: bool = False,
        l1: float = 0.0,
        l2: float = 0.0,
        loss: Literal["squared_error", "absolute_error", "huber"] = "squared_error",
        batch_size: int | Literal["full"] = 32,
        epochs: int = 100,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        min_delta: float = 0.0,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.kernel_initializer = kernel_initializer
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.momentum = momentum
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.dropout = dropout
        self.input_noise = input_noise
        self.batch_norm = batch_norm
        self.batch_norm_momentum = batch_norm_momentum
        self.residual = residual
        self.l1 = l1
        self.l2 = l2
        self.loss = loss
        self.batch_size = batch_size
        self.epochs = epochs
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
