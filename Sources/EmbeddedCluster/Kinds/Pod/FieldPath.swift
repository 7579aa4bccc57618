internal import KubernetesAPI
internal import OrderedJSON

/// The fields of a Pod that its containers can be told: `metadata.name`, `metadata.labels['app']`, `status.podIP`.
enum FieldPath {
    enum Problem: Error, Hashable {
        case unsupported(String, supported: [String])
        case invalid(String, String)
    }

    static let environmentFields = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]

    /// The name of a map and the key in it: `labels` and `app` in `metadata.labels['app']`.
    static func subscripted(_ path: String) -> (map: String, key: String)? {
        guard path.hasSuffix("']"), let open = path.firstRange(of: "['") else { return nil }
        return (String(path[..<open.lowerBound]), String(path[open.upperBound...].dropLast(2)))
    }

    /// What is wrong with a path in an environment variable.
    static func problem(_ path: String) -> Problem? {
        if path.isEmpty { return .invalid(path, "") }
        if let (map, _) = subscripted(path) {
            return ["metadata.labels", "metadata.annotations"].contains(map)
                ? nil : .invalid(path, "does not support subscript")
        }
        return environmentFields.contains(path) ? nil : .unsupported(path, supported: environmentFields)
    }

    /// The value; empty for a member that is not there, nil for a path that names no field.
    static func value(_ path: String, of pod: JSON) -> String? {
        if let (map, key) = subscripted(path) {
            switch map {
            case "metadata.labels": return pod.objectLabels[key] ?? ""
            case "metadata.annotations": return pod.objectAnnotations[key] ?? ""
            default: return nil
            }
        }
        switch path {
        case "metadata.labels": return lines(pod.objectLabels)
        case "metadata.annotations": return lines(pod.objectAnnotations)
        case "status.hostIPs", "status.podIPs": return "127.0.0.1"
        case _ where environmentFields.contains(path):
            let parts = path.split(separator: ".").map(String.init)
            return pod[parts[0]]?[parts[1]]?.string ?? ""
        default: return nil
        }
    }

    private static func lines(_ map: [String: String]) -> String {
        map.sorted { $0.key < $1.key }.map { "\($0.key)=\(JSON.string($0.value).text)" }.joined(separator: "\n")
    }
}
