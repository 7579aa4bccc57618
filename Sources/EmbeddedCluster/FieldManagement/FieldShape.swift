internal import OrderedJSON

/// Which parts of a value have owners of their own.
indirect enum FieldShape: Sendable {
    /// None: the value has its owner as a whole.
    case leaf
    case structure(ObjectType)
    case map(FieldShape)
    /// A list whose elements are told apart by these members.
    case keyed(FieldShape, keys: [String])
    /// A list of plain values.
    case set
}

extension FieldShape {
    /// Types whose values have one owner as a whole (`+structType=atomic` in `types.go`).
    private static let atomicTypes: Set<String> = [
        "ConfigMapKeySelector", "FileKeySelector", "LabelSelector", "LocalObjectReference", "NodeSelector",
        "NodeSelectorTerm", "ObjectFieldSelector", "ObjectReference", "OwnerReference", "ResourceFieldSelector",
        "RoleRef", "SecretKeySelector", "SecretReference", "Subject", "TypedLocalObjectReference",
    ]

    /// What stands for a member that tells elements apart where it was left out.
    private static let keyDefaults: [String: JSON] = ["protocol": "TCP"]

    init(_ type: FieldType, _ merging: Merging = Merging()) {
        guard !merging.isAtomic else {
            self = .leaf
            return
        }
        switch type {
        case .object(let type): self = Self.atomicTypes.contains(type.name) ? .leaf : .structure(type)
        case .map(let value): self = .map(FieldShape(value))
        case .list(let element) where !merging.mapKeys.isEmpty:
            self = .keyed(FieldShape(element), keys: merging.mapKeys.sorted())
        case .list where merging.isSet: self = .set
        default: self = .leaf
        }
    }

    /// The shape of a member of an object.
    func member(_ name: String) -> FieldShape {
        switch self {
        case .structure(let type): type[field: name].map { FieldShape($0.type, $0.merging) } ?? .leaf
        case .map(let value): value
        default: .leaf
        }
    }

    /// The shape of an element of a list.
    var element: FieldShape {
        if case .keyed(let element, _) = self { element } else { .leaf }
    }

    /// Whether the member is one of those that the type has by name.
    func hasField(_ name: String) -> Bool {
        if case .structure(let type) = self { type[field: name] != nil } else { false }
    }

    /// What tells an element of a list from the others; nil where the element says nothing of it.
    func identity(of value: JSON) -> PathElement? {
        guard case .keyed(_, let keys) = self else {
            switch value {
            case .null, .array, .object: return nil
            default: return .value(value)
            }
        }
        guard value.object != nil else { return nil }
        var members: [PathElement.KeyMember] = []
        for key in keys {
            guard let member = value[key] ?? Self.keyDefaults[key] else { return nil }
            members.append(PathElement.KeyMember(name: key, value: member))
        }
        return .key(members)
    }

    /// The elements of a list by what tells them apart, in their order; of equal ones the first.
    func identified(_ elements: [JSON]) -> [(identity: PathElement, value: JSON)] {
        var seen: Set<PathElement> = []
        return elements.compactMap { element in
            identity(of: element).flatMap { seen.insert($0).inserted ? ($0, element) : nil }
        }
    }

    var isLeaf: Bool { if case .leaf = self { true } else { false } }
    var isList: Bool {
        switch self {
        case .keyed, .set: true
        default: false
        }
    }
}

extension FieldSet {
    /// The fields that a value says something of.
    init(of value: JSON, _ shape: FieldShape) {
        self.init()
        if shape.isLeaf {
            isMember = true
        } else if shape.isList {
            for (identity, element) in shape.identified(value.array ?? []) {
                self[identity] = FieldSet(of: element, shape.element).union(FieldSet(isMember: true))
            }
        } else {
            for (name, member) in value.object ?? [:] {
                var fields = FieldSet(of: member, shape.member(name))
                if !shape.hasField(name) || member.isNull || member.object?.isEmpty == true { fields.isMember = true }
                self[.field(name)] = fields
            }
        }
    }

    /// The set with the fields of types that lead to its members.
    ///
    /// Such a field comes to be with what is in it, and is nobody's by itself.
    func withNamedFields(_ shape: FieldShape) -> FieldSet {
        var result = FieldSet(isMember: isMember)
        for (element, fields) in children {
            var child: FieldSet
            if case .field(let name) = element {
                child = fields.withNamedFields(shape.member(name))
                if shape.hasField(name), !fields.children.isEmpty { child.isMember = true }
            } else {
                child = fields.withNamedFields(shape.element)
            }
            result[element] = child
        }
        return result
    }
}
