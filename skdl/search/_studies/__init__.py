"""What `skdl.OptunaSearchCV` is made of; all that knows Optuna's studies.

- `choices`, `spaces`: what may be chosen, and how a study holds it; `identity`: what a
  study was made for.
- `samplers`, `pruning`: who chooses, and who gives up; by name.
- `storages`, `workers`, `shared_study`: where a study is kept, which of its workers are
  alive, and who does which trial.
- `evaluation`: fitting the folds of a batch of trials.
- `planning`, `running`: parameters become a plan, and the plan is carried out.
- `results`: scikit-learn's notes of each fold, to the study and back.
"""

__all__: list[str] = []
