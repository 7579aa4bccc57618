/// The members of a JSON object, in the order in which they were set.
///
/// Look-ups are linear up to `indexThreshold` members, as in nearly every object of a cluster, and hashed beyond, so that
/// an object of a hundred thousand members costs no more a member than one of ten.
public struct JSONObject: Sendable {
    private static let indexThreshold = 16
    /// Members may be removed so often before the index is made anew.
    private static let maximumShift = 64

    private var members: [(key: String, value: JSON)] = []
    private var index: [String: Int]?
    /// How many members were removed since the index was made: a member stands at most so far before its place there.
    private var shift = 0

    public init() {}

    /// Members in this order; of two with the same name the last wins, in the place of the first.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The names of the members, in their order.
    public var keys: [String] { members.map(\.key) }
    /// The values of the members, in the order of the names.
    public var values: [JSON] { members.map(\.value) }
    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The member of that name; nil where there is none. A new one goes to the end, one that is set to nil goes away.
    public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?):
                members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                index?[key] = nil
                shift += 1
                if shift > Self.maximumShift || members.count <= Self.indexThreshold { indexIfLarge() }
            case (nil, let value?):
                members.append((key, value))
                index?[key] = members.count - 1
                if index == nil { indexIfLarge() }
            case (nil, nil):
                break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let index {
            guard let place = index[key] else { return nil }
            var position = Swift.min(place, members.count - 1)
            while members[position].key != key { position -= 1 }
            return position
        }
        return members.firstIndex { $0.key == key }
    }

    private mutating func indexIfLarge() {
        index = nil
        shift = 0
        guard members.count > Self.indexThreshold else { return }
        index = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($0.element.key, $0.offset) })
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> { members.makeIterator() }
}

extension JSONObject: Hashable {
    /// Equal when they have the same members, in whichever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        hasher.combine(Set(keys))
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
