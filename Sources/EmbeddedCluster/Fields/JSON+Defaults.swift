internal import OrderedJSON

extension JSON {
    /// Sets a member that is not there.
    mutating func setDefault(_ key: String, _ value: JSON) {
        if self[key] == nil { self[key] = value }
    }

    /// Changes a member that is there.
    mutating func change(_ key: String, _ body: (inout JSON) -> Void) {
        guard var member = self[key] else { return }
        body(&member)
        self[key] = member
    }

    /// Changes each element of a list that is there.
    mutating func changeEach(_ key: String, _ body: (inout JSON) -> Void) {
        guard let elements = self[key]?.array else { return }
        self[key] = .array(
            elements.map { element in
                var element = element
                body(&element)
                return element
            })
    }

    /// The elements of a list; none where there is no list.
    func elements(_ key: String) -> [JSON] { self[key]?.array ?? [] }

    /// In the order of the type's fields, at every depth.
    ///
    /// - Precondition: the value is of the type; where it is not, it stays as it is.
    func normalised(as type: ObjectType) -> JSON {
        var reader = ObjectReader()
        return (try? reader.read(self, as: type)) ?? self
    }
}
