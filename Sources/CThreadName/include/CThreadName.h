#pragma once

// Names the calling thread; at most 15 bytes. `pthread_setname_np` is an extension of glibc, which Swift does not see.
int thread_name_set(const char *name);
