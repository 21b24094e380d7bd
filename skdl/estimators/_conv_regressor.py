"""`ConvRegressor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from skdl._models import NetworkKind
from skdl.estimators._inputs import Images
from skdl.estimators._regression import NetworkRegressor


class ConvRegressor(NetworkRegressor):
    """Convolutional network for regression on images with one or several outputs.

    Targets are standardised internally, so that suitable learning rates do not depend
    on the units of y. Pixels are not standardised, but uint8 images are scaled to [0,
    1] (see Notes).

    Parameters
    ----------
    filters : sequence of int, default=(32, 64)
        Number of filters in each block. A block is a convolution, batch normalisation,
        activation, max pooling and dropout.
    kernel_size : int or (int, int), default=3
        Height and width of the convolution windows, in pixels. Images are padded with
        zeros, so that convolutions keep their size.
    pool_size : int or (int, int), default=2
        Height and width of the pooling windows, in pixels. 1 turns pooling off.
    hidden_layer_sizes : sequence of int, default=(64,)
        Number of units in each dense hidden layer after the blocks. ``()`` means no
        dense hidden layers.
    image_shape : sequence of int, default=None
        Shape of images that are passed as flat rows, for example in a Pipeline:
        (height, width) or (height, width, channels). If None, the shape of X is used,
        and flat rows are read as images of shape (1, n_features, 1).
    augment : bool or dict, default=False
        Random changes of the training images. True is the same as ``{"shift": 0.1,
        "rotation": 10, "zoom": 0.1}``. A dict may set the maximum "shift" (as a
        fraction of height and width), the maximum "rotation" (in degrees), the maximum
        "zoom" (as a fraction) and the standard deviation of Gaussian "noise" (in the
        units of `input_noise`, to which it is added). Keys that are left out are 0.
    activation : {"relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", \
            "selu", "linear"}, default="relu"
        Activation function of the blocks and hidden layers, named as in Keras.
    kernel_initializer : {"glorot_uniform", "glorot_normal", "he_uniform", \
            "he_normal", "lecun_uniform", "lecun_normal", "orthogonal", \
            "random_uniform", "random_normal"}, default="glorot_uniform"
        Initializer for the weights of the blocks and hidden layers, named as in Keras.
        "he_normal" suits ReLU, "lecun_normal" suits SELU. Biases start at 0, and the
        output layer always uses "glorot_uniform".
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
        outputs of blocks and of hidden layers.
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise that is added to the pixels during
        training, in their units. For uint8 images the units are those of pixels scaled
        to [0, 1].
    batch_norm : bool or {"before", "after"}, default=False
        Whether blocks and hidden layers use batch normalisation: "before" (or True) or
        "after" the activation.
    batch_norm_momentum : float, default=0.9
        Momentum of the moving mean and variance in batch normalisation, in [0, 1).
        Keras's default of 0.99 needs hundreds of steps to converge.
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
        Number of images per training step. "full" uses all images in every step.
    epochs : int, default=100
        Number of passes over the training images. With early stopping, the maximum
        number.
    shuffle : bool, default=True
        Whether to shuffle the images before each epoch.
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
        Controls the initial weights, the order of the rows, dropout, noise,
        augmentation and the validation split. Pass an int for reproducible results.
        NumPy's global random state is never used.
    verbose : bool or int, default=False
        Whether to print progress: a line per epoch if True or 1, a line every n epochs
        if an int n.

    Attributes
    ----------
    n_outputs_ : int
        Number of units in the output layer.
    image_shape_ : (int, int, int)
        Height, width and channels of the images.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X is a table with column names.
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
        The network as a plain Keras model, without augmentation. A new one is built on
        each access.

    See Also
    --------
    ConvClassifier : Convolutional network for image classification.
    MLPRegressor : Multilayer perceptron for tables.
    KerasRegressor : Any Keras model as a regressor.

    Notes
    -----
    Images are arrays of shape (n_samples, height, width) or (n_samples, height, width,
    channels), or flat rows of shape (n_samples, height * width * channels). A fitted
    estimator accepts all of these.

    uint8 images take a quarter of the memory of float32 images, and the network divides
    them by 255. A network trained on uint8 images expects pixels from 0 to 255 of any
    type, and so does `model_`. Images of other types are used as they are, so put a
    scaler in front of the network.

    Duplicate images get the same dropout masks and augmentation, and land on the same
    side of the validation split. With a batch of all images, a sample weight of 2
    therefore has exactly the same effect as passing the image twice.

    Augmentation combines Keras's `RandomTranslation`, `RandomRotation` and `RandomZoom`
    in one interpolation. Beyond the edge of an image, its outermost pixels are
    repeated. `model_` does not contain these layers, because in Keras they would change
    images unless called with ``training=False``.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import ConvRegressor
    >>> images = np.random.default_rng(0).uniform(size=(200, 6, 6))
    >>> brightness = images.mean(axis=(1, 2))
    >>> reg = ConvRegressor((4,), learning_rate=0.01, random_state=0)
    >>> bool(reg.fit(images, brightness).score(images, brightness) > 0.8)
    True
    """

    _network_kind = NetworkKind.CONVOLUTIONAL
    _input_kind = Images()

    def __init__(
        self,
        filters: Sequence[int] = (32, 64),
        *,
        kernel_size: int | Sequence[int] = 3,
        pool_size: int | Sequence[int] = 2,
        hidden_layer_sizes: Sequence[int] = (64,),
        image_shape: Sequence[int] | None = None,
        augment: bool | Mapping[str, float] = False,
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
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_shape = image_shape
        self.augment = augment
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
