/// The table of runs, so that writing a row costs no more than the row.
extension Migration {
    static let v8 = Migration(
        version: 8,
        sql: """
            -- As in the seventh step: comparisons instead of a list that is filled into a temporary b-tree for each row.
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = replace(sql,
                'CHECK (status IN (''queued'', ''running'', ''waiting'', ''paused'', ''succeeded'', ''failed'',
                    ''cancelled'', ''refused''))',
                'CHECK (status = ''queued'' OR status = ''running'' OR status = ''waiting'' OR status = ''paused''
                    OR status = ''succeeded'' OR status = ''failed'' OR status = ''cancelled'' OR status = ''refused'')')
            WHERE type = 'table' AND name = 'workflow_run';
            PRAGMA writable_schema = RESET;
            """)
}
