"""The parts of `skdl.OptunaSearchCV`.

- `choices`, `spaces`: the search space, and how a study stores it.
- `samplers`, `pruning`: samplers and pruners by name.
- `storages`, `journal_lock`: where a study is stored.
- `identity`: which search a study belongs to.
- `workers`, `shared_study`: which workers are alive, and which of them runs a trial.
- `planning`: checks the parameters of a search and makes a plan.
- `running`: carries the plan out, batch by batch.
- `evaluation`: fits and scores the folds of a batch.
- `results`: converts the results of folds for the study, and back for ``cv_results_``.
"""

__all__: list[str] = []
