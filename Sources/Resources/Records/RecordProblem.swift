/// Why a record cannot be written like that.
package struct RecordProblem: Error, Equatable {
    package let message: String
    /// The field that is to blame; nil for the record as a whole.
    package let field: String?
}
