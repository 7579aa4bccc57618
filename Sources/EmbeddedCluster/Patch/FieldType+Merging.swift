internal import KubernetesAPI

extension FieldType: MergeableType {
    func mergedMember(_ name: String) -> MergedMember<FieldType>? {
        switch self {
        case .object(let type):
            type[field: name].map { MergedMember(type: $0.type, patchKey: $0.merging.patchKey) }
        case .map(let value): MergedMember(type: value)
        default: nil
        }
    }

    var mergedElement: FieldType? {
        if case .list(let element) = self { element } else { nil }
    }
}
