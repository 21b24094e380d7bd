"""`MLPRegressor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from skdl.estimators._inputs import Tables
from skdl.estimators._regression import NetworkRegressor


class MLPRegressor(NetworkRegressor):
    """Multilayer perceptron for regression with one or several outputs.

    Targets are standardised internally, so that suitable learning rates do not depend
    on the units of y. Features are not: scale them first, for example with a
    StandardScaler in a Pipeline.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Number of units in each hidden layer. ``()`` gives a linear model.
    activation : {"relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", \
            "selu", "linear"}, default="relu"
        Activation function of the hidden layers, named as in Keras.
    kernel_initializer : {"glorot_uniform", "glorot_normal", "he_uniform", \
            "he_normal", "lecun_uniform", "lecun_normal", "orthogonal", \
            "random_uniform", "random_normal"}, default="glorot_uniform"
        Initializer for the weights of the hidden layers, named as in Keras. "he_normal"
        suits ReLU, "lecun_normal" suits SELU. Biases start at 0, and the output layer
        always uses "glorot_uniform".
    optimizer : {"sgd", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "nadam", \
            "adamax", "lion"}, default="adam"
        Optimizer, named as in Keras. Settings that are not parameters of this class
        have Keras's defaults.
    learning_rate : float, default=0.001
        Base learning rate, which `learning_rate_schedule` changes during training.
    learning_rate_schedule : {"constant", "exponential", "cosine", "plateau"}, \
            default="constant"
        How the learning rate changes during training. "exponential" decays it to 1/100
        over all `epochs`. "cosine" warms up over the first 5% of the steps, then decays
        to 0. "plateau" halves it after 5 epochs without a lower validation loss, or
        without a lower training loss if there are no validation rows.
    momentum : float, default=0.0
        Momentum for "sgd" and "rmsprop", in [0, 1).
    nesterov : bool, default=False
        Whether "sgd" uses Nesterov momentum.
    weight_decay : float, default=None
        Decoupled weight decay. Each step subtracts weight_decay * learning_rate *
        weight. If None, 0.004 for "adamw" and 0 for the other optimizers, as in Keras.
    clip_norm : float, default=None
        Maximum norm of the gradient over all weights. Longer gradients are scaled down.
        If None, gradients are not clipped by norm.
    clip_value : float, default=None
        Maximum absolute value of each entry of the gradient. If None, gradients are not
        clipped by value.
    dropout : float, default=0.0
        Fraction of units to drop in each training step, in [0, 1). Applies to the
        outputs of hidden layers.
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise that is added to the features during
        training, in their units.
    batch_norm : bool or {"before", "after"}, default=False
        Whether hidden layers use batch normalisation: "before" (or True) or "after" the
        activation.
    batch_norm_momentum : float, default=0.9
        Momentum of the moving mean and variance in batch normalisation, in [0, 1).
        Keras's default of 0.99 needs hundreds of steps to converge, more than small
        tables provide.
    residual : bool, default=False
        Whether to add the input of a hidden layer to its output. Only affects layers
        whose input and output have the same size.
    l1 : float, default=0.0
        Strength of the L1 penalty, which is multiplied by the sum of absolute weights
        (without biases) and added to the loss.
    l2 : float, default=0.0
        Strength of the L2 penalty, which is multiplied by the sum of squared weights
        (without biases) and added to the loss.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        Loss to minimise, computed on standardised targets. "huber" is quadratic for
        errors up to 1 standard deviation of y and linear beyond.
    batch_size : int or "full", default=32
        Number of rows per training step. "full" uses all rows in every step. Batches of
        a sparse matrix are made dense one at a time.
    epochs : int, default=100
        Number of passes over the training rows. With early stopping, the maximum
        number.
    shuffle : bool, default=True
        Whether to shuffle the rows before each epoch.
    early_stopping : bool, default=False
        Whether to stop training when the validation loss stops improving, and to
        restore the weights of the best epoch. The validation rows are `X_val` if it is
        passed to `fit`. Otherwise a random part of the training rows is held out, which
        never splits the groups that are passed to `fit`.
    validation_fraction : float, default=0.1
        Fraction of the training rows to hold out for early stopping, in (0, 1). Rows
        count by their sample weights.
    patience : int, default=10
        Number of epochs without improvement after which early stopping ends training.
    min_delta : float, default=0.0
        Minimum decrease of the validation loss that counts as an improvement.
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the previous fit and keeps its
        standardisation of the targets.
    random_state : int, RandomState instance or None, default=None
        Controls the initial weights, the order of the rows, dropout, noise, and the
        validation split. Pass an int for reproducible results. NumPy's global random
        state is never used.
    verbose : bool or int, default=False
        Whether to print progress: a line per epoch if True or 1, a line every n epochs
        if an int n.

    Attributes
    ----------
    n_outputs_ : int
        Number of units in the output layer.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X has column names.
    n_iter_ : int
        Number of epochs trained.
    best_epoch_ : int
        The epoch, counted from 1, with the lowest validation loss, or the lowest
        training loss if there are no validation rows. Decreases below `min_delta` do
        not count. 0 if no epoch had a finite loss.
    status_ : str
        How training ended, in words.
    history_ : DataFrame
        One row per epoch, with the columns "epoch", "loss", "rmse" and "learning_rate"
        (of the last step), and "val_loss" and "val_rmse" if there are validation rows.
        Losses include the penalties, as in Keras. Training values are means over the
        epoch, during which the weights changed.
    loss_ : float
        Training loss of the epoch whose weights were kept.
    model_ : keras.Model
        The network as a plain Keras model. A new one is built on each access.

    See Also
    --------
    MLPClassifier : Multilayer perceptron for classification.
    ConvRegressor : Convolutional network for regression on images.
    KerasRegressor : Any Keras model as a regressor.

    Notes
    -----
    Duplicate rows get the same dropout masks and land on the same side of the
    validation split. With a batch of all rows, a sample weight of 2 therefore has
    exactly the same effect as passing the row twice.

    Each hidden layer is a dense layer, batch normalisation, activation and dropout.

    With ``hidden_layer_sizes=()`` the network is linear. With ``l2=alpha / n_samples``
    and equal sample weights, its optimum is then that of `sklearn.linear_model.Ridge`
    with the same alpha. The factor differs because Keras adds the penalty to the mean
    of the squared errors, and ridge regression adds it to their sum.

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
