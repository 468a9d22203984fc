#pragma once

// Turns SQLite's statistics about its memory off, whose lock every allocation of every connection takes. Has an effect
// only before the first connection is opened. `sqlite3_config` is variadic, which Swift cannot call.
int sqlite_settings_without_statistics(void);
