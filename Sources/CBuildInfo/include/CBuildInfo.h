#pragma once

/// The commit that the binary was built from, with `+` behind it when the tree had changes; empty when unknown.
extern const char *const zentra_sync_build_commit;
