#pragma once

// Names the calling thread; at most 15 bytes. `pthread_setname_np` is an extension of glibc, which Swift does not see.
int thread_name_set(const char *name);

// Lets the calling thread wait, when it is woken, until a core is free or the turn of those that run is over
// (`SCHED_BATCH`, sched(7)), instead of interrupting one of them.
int thread_interrupt_nobody(void);
