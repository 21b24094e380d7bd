"""`ConvRegressor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from skdl.estimators._inputs import Images
from skdl.estimators._regression import NetworkRegressor


class ConvRegressor(NetworkRegressor):
    """Convolutional network for one or several quantities of images.

    Targets are standardised inside, so that a learning rate means the same whatever
    the unit of y. Pixels are not, but for those of uint8 images, see the notes.

    Parameters
    ----------
    filters : sequence of int, default=(32, 64)
        Feature maps of each block: convolution, batch norm, activation, max pooling,
        dropout.
    kernel_size : int or (int, int), default=3
        Height and width of the convolutions' windows, in pixels. Convolutions keep the
        size of the image: zeros lie beyond its edge.
    pool_size : int or (int, int), default=2
        Height and width of what max pooling makes one pixel of; 1 does not pool.
    hidden_layer_sizes : sequence of int, default=(64,)
        Units of each dense hidden layer behind the blocks; may be ``()``.
    image_shape : sequence of int, default=None
        (height, width) or (height, width, channels) of images that come as flat rows,
        as in pipelines. None takes the shape of X; a flat row is then an image of one
        row of pixels, (1, n_features, 1).
    augment : bool or dict, default=False
        Random changes of the images in training: a dict of "shift" (the most, as a
        share of height and width), "rotation" (the most, in degrees), "zoom" (the most,
        as a share) and "noise" (standard deviation of Gaussian noise, in units of
        `input_noise`, which it adds to), each 0 if left out. True is a shift of 0.1, a
        rotation of 10 and a zoom of 0.1.
    activation : {"relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", \
            "selu", "linear"}, default="relu"
        Activation of the blocks and hidden layers, by Keras's names.
    kernel_initializer : {"glorot_uniform", "glorot_normal", "he_uniform", \
            "he_normal", "lecun_uniform", "lecun_normal", "orthogonal", \
            "random_uniform", "random_normal"}, default="glorot_uniform"
        How the weights of the blocks and hidden layers begin, by Keras's names; biases
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
        Share of units dropped in each training step, in [0, 1): of what the blocks
        return, and of hidden units.
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise on the pixels in training, in their units;
        uint8 pixels count from 0 to 1.
    batch_norm : bool or {"before", "after"}, default=False
        Whether blocks and hidden layers have batch normalisation, before (True) or
        after the activation.
    batch_norm_momentum : float, default=0.9
        Share of the old value in each update of the moving statistics, in [0, 1).
        Keras's 0.99 needs hundreds of steps.
    l1 : float, default=0.0
        Factor of the sum of absolute kernel weights in the loss.
    l2 : float, default=0.0
        Factor of the sum of squared kernel weights in the loss.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        What to minimise, on standardised targets; "huber" is linear beyond 1 standard
        deviation.
    batch_size : int or "full", default=32
        Images per step. "full" takes all: gradient descent.
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
        Source of initial weights, orders, dropout, augmentation and the validation
        split. None
        differs from fit to fit; NumPy's global generator is neither read nor moved.
    verbose : bool or int, default=False
        Whether to print a line per epoch, or per so many epochs.

    Attributes
    ----------
    n_outputs_ : int
        Units of the last layer.
    image_shape_ : (int, int, int)
        Height, width and channels.
    n_features_in_ : int
        Number of values of an image.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, if X was a table with names.
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
        The network as a plain Keras model without augmentation, built anew on each
        access.

    See Also
    --------
    ConvClassifier : The same for labels.
    MLPRegressor : For tables.

    Notes
    -----
    Images are arrays of shape (n_samples, height, width) or (n_samples, height, width,
    channels), or flat rows of (n_samples, height * width * channels) values; a fitted
    estimator takes each of these. uint8 images stay a quarter of the size of floats in
    memory and are divided by 255 in the network; having learnt from these, it takes
    pixels of whatever type to be from 0 to 255, as `model_` does. Images of other types
    are taken as they are: put a scaler in front of them.

    Copies of one image meet the same dropout masks, augmentation and side of the
    validation split, so that a sample weight of 2 is exactly an image given twice
    wherever one batch holds all. Augmentation shifts, turns and zooms as Keras's
    `RandomTranslation`, `RandomRotation` and `RandomZoom` do one after the other, but
    reads each pixel once; beyond the edge an image's last pixels go on. It is not in
    `model_`, where Keras's layers would change images whenever they are not told that
    ``training=False``.

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
