internal import KubernetesAPI
internal import OrderedJSON

/// Merges a configuration's `pod_template` over a Job's own, as Kubernetes' strategic merge patch does.
enum PodTemplateMerge {
    /// - Throws: ``PodTemplateError`` for a template that cannot be merged.
    static func merged(_ template: JSON, into original: JSON) throws(PodTemplateError) -> JSON {
        do throws(StrategicMergePatch.Failure) {
            return .object(
                try StrategicMergePatch.merged(
                    original.object ?? [:], template.object ?? [:], PodTemplateType.template))
        } catch {
            switch error {
            case .badFormat(let message), .other(let message): throw PodTemplateError(cause(message))
            case .unprocessable: throw PodTemplateError("a list holds lists where it may not")
            }
        }
    }

    /// Kubernetes prints whole values into some of its messages; they may be long, and are nobody else's business.
    private static func cause(_ message: String) -> String {
        let missing = "does not contain declared merge key: "
        if let range = message.firstRange(of: missing) {
            return "an element of a list lacks '\(message[range.upperBound...])', by which such elements are merged"
        }
        if message.hasPrefix("list element types are not identical") {
            return "a list holds values of several kinds, or others than the runner's own"
        }
        let line = message.prefix { !$0.isNewline }
        return String(line[..<(line.firstRange(of: " in map: ")?.lowerBound ?? line.endIndex)].prefix(200))
    }
}

/// Why a `pod_template` does not make a Pod that a runner can use.
public struct PodTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it, for people.
    public let cause: String

    init(_ cause: String) { self.cause = cause }

    public var description: String { "pod_template cannot be used: \(cause)" }
}

/// The types below a PodTemplateSpec that have lists which are merged rather than replaced.
///
/// Source: Kubernetes API, core/v1, `patchMergeKey` of its `types.go`.
struct PodTemplateType: MergeableType {
    private enum Name {
        case template, metadata, pod, container, ephemeralContainer, volume, ephemeralVolume, set, element
    }

    static let template = PodTemplateType(name: .template)

    private let name: Name
    /// Where this is a list, what its elements are.
    private var isList = false

    private init(name: Name, isList: Bool = false) {
        self.name = name
        self.isList = isList
    }

    func mergedMember(_ member: String) -> MergedMember<PodTemplateType>? {
        guard !isList else { return nil }
        func list(_ name: Name, by key: String) -> MergedMember<PodTemplateType> {
            MergedMember(type: PodTemplateType(name: name, isList: true), patchKey: key)
        }
        return switch (name, member) {
        case (.template, "metadata"): MergedMember(type: PodTemplateType(name: .metadata))
        case (.template, "spec"): MergedMember(type: PodTemplateType(name: .pod))
        case (.metadata, "finalizers"): list(.set, by: "")
        case (.metadata, "ownerReferences"): list(.element, by: "uid")
        case (.pod, "containers"), (.pod, "initContainers"): list(.container, by: "name")
        case (.pod, "ephemeralContainers"): list(.ephemeralContainer, by: "name")
        case (.pod, "volumes"): list(.volume, by: "name")
        case (.pod, "imagePullSecrets"), (.pod, "schedulingGates"), (.pod, "resourceClaims"):
            list(.element, by: "name")
        case (.pod, "hostAliases"): list(.element, by: "ip")
        case (.pod, "topologySpreadConstraints"): list(.element, by: "topologyKey")
        case (.container, "ports"): list(.element, by: "containerPort")
        case (.container, "env"), (.ephemeralContainer, "env"): list(.element, by: "name")
        case (.container, "volumeMounts"), (.ephemeralContainer, "volumeMounts"): list(.element, by: "mountPath")
        case (.container, "volumeDevices"), (.ephemeralContainer, "volumeDevices"): list(.element, by: "devicePath")
        case (.volume, "ephemeral"): MergedMember(type: PodTemplateType(name: .ephemeralVolume))
        case (.ephemeralVolume, "volumeClaimTemplate"): MergedMember(type: PodTemplateType(name: .template))
        default: nil
        }
    }

    var mergedElement: PodTemplateType? { isList ? PodTemplateType(name: name) : nil }
}
