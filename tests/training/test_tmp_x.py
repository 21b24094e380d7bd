"""x"""
from dataclasses import replace
import numpy as np
from skdl.networks import Regularization
from skdl.training import OptimizerSpec, Rates, Status, train, clear_programs
np.set_printoptions(linewidth=200, precision=5)
EVERYTHING = Regularization(l1=0.01, l2=0.01, dropout=0.3, input_noise=0.2)
def test_x(make_job, vary, side_by_side):
    for h, reg, opt in ((4, Regularization(), "rmsprop"),(5, Regularization(), "rmsprop"),(6, Regularization(), "rmsprop"),  (5, EVERYTHING, "rmsprop"), (5, EVERYTHING, "adam"), (5, Regularization(), "adagrad"),(3, EVERYTHING, "rmsprop")):
        job = make_job(hidden_layer_sizes=(h,), n_validation=22, optimizer=OptimizerSpec(opt), batch_norm="before", regularization=reg)
        jobs = [replace(vary(job, s), epochs=1, keeps_optimizer_state=True, regularization=reg, epochs_before=0, rates=Rates(0.001), shuffle=False) for s in range(12)]
        out = side_by_side(jobs)
        print(h, reg, opt)
        for j, o in zip(jobs, out):
            (a,) = train([j])
            if not np.nanmax(np.abs(a.history-o.history)) < 1e-9:
                print(a.status, o.status, j.train.n_samples, o.history[0], np.nanmax(np.abs(a.history-o.history)))
                for x, y in zip(a.weights.trainable+a.weights.frozen, o.weights.trainable+o.weights.frozen): print(np.abs(x-y).ravel())
                for x, y in zip(a.optimizer_state, o.optimizer_state): print("  slot", x, y)
