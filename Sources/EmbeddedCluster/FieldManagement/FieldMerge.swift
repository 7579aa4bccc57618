internal import OrderedJSON

extension JSON {
    /// What is there with what an apply says in its place.
    ///
    /// - Parameter config: nil where the apply says nothing.
    static func merged(_ live: JSON?, _ config: JSON?, _ shape: FieldShape) -> JSON? {
        guard let live else { return config }
        guard let config else { return live }
        switch (live, config) {
        case _ where shape.isLeaf: return config
        case (.array(let elements), .array(let wanted)) where shape.isList && !(elements.isEmpty && wanted.isEmpty):
            return .array(mergedElements(elements, wanted, shape))
        case (.array(let elements), .null) where shape.isList && !elements.isEmpty: return live
        case (.object(let members), .object(let wanted)) where !shape.isList && !(members.isEmpty && wanted.isEmpty):
            var merged = members
            for (name, value) in wanted { merged[name] = JSON.merged(members[name], value, shape.member(name)) }
            return .object(merged)
        case (.object(let members), .null) where !shape.isList && !members.isEmpty: return live
        default: return config
        }
    }

    /// The elements of the apply in its order, and between them the others, each after what it stood behind.
    private static func mergedElements(_ live: [JSON], _ config: [JSON], _ shape: FieldShape) -> [JSON] {
        let (before, wanted) = (shape.identified(live), shape.identified(config))
        let (lives, wishes) = (dictionary(before), dictionary(wanted))
        var shared = wanted.map(\.identity).filter { lives[$0] != nil }[...]
        var (others, rest) = (before[...], wanted[...])
        var merged: [JSON] = []
        func append(_ identity: PathElement) {
            if let element = JSON.merged(lives[identity], wishes[identity], shape.element) { merged.append(element) }
        }
        while !others.isEmpty || !rest.isEmpty {
            if let other = others.first {
                if other.identity == rest.first?.identity {
                    append(other.identity)
                    (others, rest, shared) = (others.dropFirst(), rest.dropFirst(), shared.dropFirst())
                    continue
                }
                let isWanted = wishes[other.identity] != nil
                if !rest.isEmpty, isWanted, let next = shared.first, next != other.identity {
                    // It comes where the apply has it.
                    others = others.dropFirst()
                    continue
                }
                if !isWanted {
                    append(other.identity)
                    others = others.dropFirst()
                    continue
                }
                if rest.isEmpty {
                    others = others.dropFirst()
                    continue
                }
            }
            guard let next = rest.popFirst() else { break }
            append(next.identity)
            if shared.first == next.identity { shared = shared.dropFirst() }
        }
        return merged
    }

    private static func dictionary(_ elements: [(identity: PathElement, value: JSON)]) -> [PathElement: JSON] {
        Dictionary(uniqueKeysWithValues: elements.map { ($0.identity, $0.value) })
    }

    /// The value without the fields of the set; null where nothing is left.
    func removing(_ fields: FieldSet, _ shape: FieldShape) -> JSON {
        guard !fields.children.isEmpty, !shape.isLeaf else { return self }
        if shape.isList {
            guard let elements = array, !elements.isEmpty else { return self }
            let kept = elements.compactMap { element -> JSON? in
                guard let identity = shape.identity(of: element), let fields = fields.children[identity] else {
                    return element
                }
                return fields.isMember ? JSON?.none : element.removing(fields, shape.element)
            }
            return kept.isEmpty ? .null : .array(kept)
        }
        guard let members = object, !members.isEmpty else { return self }
        let kept = members.compactMap { name, value -> (String, JSON)? in
            guard let fields = fields.children[.field(name)] else { return (name, value) }
            return fields.isMember ? nil : (name, value.removing(fields, shape.member(name)))
        }
        return kept.isEmpty ? .null : .object(JSONObject(kept))
    }
}
