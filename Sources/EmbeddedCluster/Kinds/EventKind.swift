internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Something that happened to an object. Events are forgotten an hour after they were last written.
    ///
    /// Source: Kubernetes API reference, core/v1 `Event`; k8s.io/kubernetes/pkg/registry/core/event.
    static let event = ServedKind.stored(
        StoredKind(
            kind: .event, type: Schema.type("Event"), nameRule: .pathSegment, createsOnUpdate: true,
            validate: validate, selectableFields: selectableFields, leadingColumns: [], columns: columns))

    private static let lengthLimit = 128
    private static let messageLimit = 1024

    /// Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go, the rules for core/v1.
    @Sendable private static func validate(_ event: JSON) -> [FieldError] {
        let namespace = event.objectNamespace ?? ""
        let about = event["involvedObject"]?["namespace"]?.string ?? ""
        let isElsewhere = FieldError.invalid(
            "involvedObject.namespace", .string(about), "does not match event.namespace")
        var errors: [FieldError] = []
        if event["eventTime"]?.string == nil {
            // What is about the whole cluster lies in `default`.
            if about.isEmpty ? namespace != "default" : namespace != about { errors.append(isElsewhere) }
        } else {
            if about.isEmpty, namespace != "default", namespace != "kube-system" { errors.append(isElsewhere) }
            errors += newEventErrors(event)
        }
        return errors + NameRule.subdomain.problems(namespace).map { .invalid("namespace", .string(namespace), $0) }
    }

    /// An Event with an `eventTime` comes from a client of today, which has to say more.
    private static func newEventErrors(_ event: JSON) -> [FieldError] {
        func text(_ field: String) -> String { event[field]?.string ?? "" }
        func tooLong(_ field: String, _ limit: Int) -> [FieldError] {
            text(field).utf8.count > limit ? [.invalid(field, "", "can have at most \(limit) characters")] : []
        }
        func required(_ field: String) -> [FieldError] { text(field).isEmpty ? [.required(field)] : [] }
        let component = text("reportingComponent")
        return required("reportingComponent")
            + QualifiedName.problems(component).map { .invalid("reportingComponent", .string(component), $0) }
            + ["reportingInstance", "action", "reason"].flatMap { required($0) + tooLong($0, lengthLimit) }
            + tooLong("message", messageLimit)
    }

    private static let selectableFields: [String: @Sendable (JSON) -> String] = {
        var fields: [String: @Sendable (JSON) -> String] = [
            "source": { event in
                let component = event["source"]?["component"]?.string ?? ""
                return component.isEmpty ? event["reportingComponent"]?.string ?? "" : component
            }
        ]
        for name in ["reason", "reportingComponent", "type"] { fields[name] = { $0[name]?.string ?? "" } }
        for name in ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] {
            fields["involvedObject.\(name)"] = { $0["involvedObject"]?[name]?.string ?? "" }
        }
        return fields
    }()

    // MARK: The table

    private static let columns = [
        TableColumn(
            name: "Last Seen",
            description: "The time at which the most recent occurrence of this event was recorded.",
            cell: { event, now in .string(TableColumn.since(lastSeen(event), now)) }),
        TableColumn(
            name: "Type",
            description: "Type of this event (Normal, Warning), new types could be added in the future",
            cell: { event, _ in event["type"] ?? "" }),
        TableColumn(
            name: "Reason",
            description: """
                This should be a short, machine understandable string that gives the reason for the transition into \
                the object's current status.
                """, cell: { event, _ in event["reason"] ?? "" }),
        TableColumn(name: "Object", description: "The object that this event is about.", cell: about),
        TableColumn(
            name: "Subobject",
            description: """
                If referring to a piece of an object instead of an entire object, this string should contain a valid \
                JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the \
                object reference is to a container within a pod, this would take on a value like: \
                "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) \
                or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This \
                syntax is chosen only to have some well-defined way of referencing a part of an object.
                """, priority: 1, cell: { event, _ in event["involvedObject"]?["fieldPath"] ?? "" }),
        TableColumn(
            name: "Source",
            description: "The component reporting this event. Should be a short machine understandable string.",
            priority: 1, cell: source),
        TableColumn(
            name: "Message", description: "A human-readable description of the status of this operation.",
            cell: { event, _ in .string(trimmed(event["message"]?.string ?? "")) }),
        TableColumn(
            name: "First Seen",
            description: """
                The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)
                """, priority: 1, cell: { event, now in .string(TableColumn.since(firstSeen(event), now)) }),
        TableColumn(
            name: "Count", description: "The number of times this event has occurred.", priority: 1, cell: count),
        TableColumn(
            name: "Name", format: "name", description: TableColumn.name.description, priority: 1,
            cell: TableColumn.name.cell),
    ]

    private static func firstSeen(_ event: JSON) -> JSON? { event["firstTimestamp"] ?? event["eventTime"] }

    private static func lastSeen(_ event: JSON) -> JSON? {
        event["series"].map { $0["lastObservedTime"] } ?? event["lastTimestamp"] ?? firstSeen(event)
    }

    @Sendable private static func about(_ event: JSON, _ now: Timestamp) -> JSON {
        let kind = event["involvedObject"]?["kind"]?.string?.lowercased() ?? ""
        let name = event["involvedObject"]?["name"]?.string ?? ""
        return .string(name.isEmpty ? kind : "\(kind)/\(name)")
    }

    @Sendable private static func source(_ event: JSON, _ now: Timestamp) -> JSON {
        func text(_ field: String, else other: String) -> String {
            let own = event["source"]?[field]?.string ?? ""
            return own.isEmpty ? event[other]?.string ?? "" : own
        }
        let instance = text("host", else: "reportingInstance")
        let component = text("component", else: "reportingComponent")
        return .string(instance.isEmpty ? component : "\(component), \(instance)")
    }

    /// A series counts what came after the event that it began with.
    @Sendable private static func count(_ event: JSON, _ now: Timestamp) -> JSON {
        if let series = event["series"] { return .number(JSONNumber((series["count"]?.int ?? 0) + 1)) }
        return .number(JSONNumber(max(event["count"]?.int ?? 0, 1)))
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(
            start[..<(start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}
