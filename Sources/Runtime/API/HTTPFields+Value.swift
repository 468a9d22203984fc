import HTTPTypes

extension HTTPFields {
    /// The same as the subscript, for what runs for every event: a field that stands once, as nearly all do, is found with
    /// one look at each, and its text is not put together anew.
    func value(of name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            if found != nil { return self[name] }
            found = field.value
        }
        return found
    }
}
