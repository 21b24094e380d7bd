"""How estimators are asked about rows, changed rows among them.

======================  ================================================================
``tables.py``           the rows: columns by name, copies with changes
``responses.py``        what an estimator says about rows, as numbers
``perturbation.py``     many changed copies, answered by few calls, in bounded memory
``rehearsal.py``        an estimator that knows beforehand what a scorer will ask
``as_scikit_learn.py``  scikit-learn's functions, run up to their first question
``callers.py``          whose line a warning is about
======================  ================================================================
"""

__all__: list[str] = []
