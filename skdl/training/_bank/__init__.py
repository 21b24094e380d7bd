"""Banks: jobs that share a program and train side by side.

``train_banks`` groups jobs (`Group`) and runs one `Bank` per group. The bank makes a
`Member` of each job, puts their rows into tables, and starts a `Lane` per processor
core. Lanes share a `MemberQueue`; each seats as many members as its program has seats,
and calls the program until the queue is empty and every seat is free.

A member owns how far its job has come: history, row orders, settings, and its state
while it has no seat. A lane owns its seats, the queue owns who waits and the results,
the bank owns the tables and picks the program. A member's result does not depend on the
others, beyond rounding.

===================  ===================================================================
``grouping.py``      which jobs train together, narrow networks padded to wider ones
``sizing.py``        sizes of tables, plans and batches; a model of the time of a step
``tables.py``        the rows of all members in one table, each distinct set once
``members.py``       a job on its way through a bank
``loading.py``       from the jobs of a group to members, tables and a program shape
``programs.py``      the cache of programs, and which program a new bank can reuse
``member_queue.py``  members that wait, and the results of the others
``lanes.py``         seats, calls of the program, reports to observers
``bank.py``          how many seats and lanes, and which program
===================  ===================================================================
"""

__all__: list[str] = []
