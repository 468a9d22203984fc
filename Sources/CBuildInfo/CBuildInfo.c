#include "CBuildInfo.h"

#ifndef ZENTRA_SYNC_COMMIT
#define ZENTRA_SYNC_COMMIT ""
#endif

const char *const zentra_sync_build_commit = ZENTRA_SYNC_COMMIT;
