internal import OrderedJSON

/// A list that is merged rather than replaced.
struct StrategicMergeList<Element: MergeableType>: Sendable {
    typealias Failure = StrategicMergePatch.Failure

    /// The member that tells the elements apart; empty: they are plain values, and the list is a set of them.
    let key: String
    let element: Element?

    func merged(_ original: [JSON], _ patch: [JSON]) throws(Failure) -> [JSON] {
        guard !original.isEmpty || !patch.isEmpty else { return [] }
        guard try areObjects(original, patch) else {
            return try arranged(unique(original + patch), by: patch, live: original)
        }
        guard !key.isEmpty else { throw .other("cannot merge lists without merge key") }
        let (live, changes) = try directed(original, patch)
        return try arranged(try mergedObjects(live, changes), by: changes, live: live)
    }

    func without(_ gone: [JSON], in elements: [JSON]) throws(Failure) -> [JSON] {
        guard !elements.isEmpty || !gone.isEmpty else { return [] }
        guard try !areObjects(elements, gone) else { throw .other("cannot delete objects from a list by their value") }
        let gone = Set(gone)
        return elements.filter { !gone.contains($0) }
    }

    /// The elements that are in `order` in that order, and between them the others, where the live list has them.
    func arranged(_ elements: [JSON], by order: [JSON], live: [JSON]) throws(Failure) -> [JSON] {
        let (places, livePlaces) = (try self.places(order), try self.places(live))
        var (ordered, others): ([(JSON, Int)], [(JSON, Int?)]) = ([], [])
        for element in elements {
            let identity = try identity(element)
            if let place = places[identity] {
                ordered.append((element, place))
            } else {
                others.append((element, livePlaces[identity]))
            }
        }
        ordered.sort { $0.1 < $1.1 }
        others.sort { ($0.1 ?? .max) < ($1.1 ?? .max) }
        var arranged: [JSON] = []
        var rest = others[...]
        for (element, _) in ordered {
            let place = livePlaces[try identity(element)]
            while let (other, otherPlace) = rest.first, let place, let otherPlace, otherPlace < place {
                arranged.append(other)
                rest = rest.dropFirst()
            }
            arranged.append(element)
        }
        return arranged + rest.map(\.0)
    }

    /// The elements of the patch stand in the order that it wants for the whole list.
    func require(_ patch: [JSON], isIn order: [JSON]) throws(Failure) {
        guard !patch.isEmpty, !order.isEmpty else { return }
        var rest = order[...]
        for element in patch where element["$patch"] == nil {
            let identity = try identity(element)
            var isFound = false
            while !isFound, let place = rest.popFirst() { isFound = try self.identity(place) == identity }
            guard isFound else {
                throw .other(
                    "The order in patch list:\n\(JSON.array(patch).goText)\n doesn't match $setElementOrder list:\n"
                        + "\(JSON.array(order).goText)\n")
            }
        }
    }

    private func identity(_ element: JSON) throws(Failure) -> JSON {
        guard !key.isEmpty else { return element }
        guard let members = element.object else {
            throw .other("expected a map[string]interface {}, but received a \(element.goTypeName)")
        }
        guard let value = members[key] else {
            throw .other("map: \(element.goText) does not contain declared merge key: \(key)")
        }
        return value
    }

    private func places(_ list: [JSON]) throws(Failure) -> [JSON: Int] {
        var places: [JSON: Int] = [:]
        for (place, element) in list.enumerated() {
            let identity = try identity(element)
            if places[identity] == nil { places[identity] = place }
        }
        return places
    }

    private func unique(_ values: [JSON]) -> [JSON] {
        var seen: Set<JSON> = []
        return values.filter { seen.insert($0).inserted }
    }

    private func areObjects(_ lists: [JSON]...) throws(Failure) -> Bool {
        var known: String?
        for element in lists.joined() {
            if element.array != nil { throw .unprocessable }
            let name = element.goTypeName
            guard known == nil || known == name else {
                throw .other("list element types are not identical: \(lists.map { JSON.array($0).goText })")
            }
            known = name
        }
        return known == "map[string]interface {}"
    }

    /// Follows the elements of the patch that are directives, and leaves the others.
    private func directed(_ original: [JSON], _ patch: [JSON]) throws(Failure) -> (live: [JSON], changes: [JSON]) {
        var (gone, changes, isReplaced): (Set<JSON>, [JSON], Bool) = ([], [], false)
        for element in patch {
            switch element["$patch"]?.string {
            case nil where element["$patch"] == nil: changes.append(element)
            case "delete": gone.insert(try identity(element))
            case "replace": isReplaced = true
            case "merge": throw .other("merging lists cannot yet be specified in the patch")
            default:
                throw .other(
                    "unknown patch type: \(element["$patch"]?.goText ?? "") in map: \(element.goText)")
            }
        }
        if isReplaced { return (changes, []) }
        guard !gone.isEmpty else { return (original, changes) }
        var live: [JSON] = []
        for element in original {
            let identity = try identity(element)
            if !gone.contains(identity) { live.append(element) }
        }
        return (live, changes)
    }

    private func mergedObjects(_ original: [JSON], _ changes: [JSON]) throws(Failure) -> [JSON] {
        var merged = original
        var places = try self.places(original)
        for change in changes {
            let identity = try identity(change)
            if let place = places[identity] {
                merged[place] = .object(
                    try StrategicMergePatch.object(merged[place].object, change.object ?? [:], element))
            } else {
                places[identity] = merged.count
                merged.append(.object(try StrategicMergePatch.object(nil, change.object ?? [:], element)))
            }
        }
        return merged
    }
}
