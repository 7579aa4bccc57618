internal import OrderedJSON

/// The rules that containers keep.
struct ContainerValidation {
    /// The names of the Pod's volumes.
    let volumes: Set<String>

    func errors(_ containers: [JSON], _ field: String, _ names: inout Set<String>) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, container) in containers.enumerated() {
            let place = "\(field)[\(index)]"
            let name = container["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required("\(place).name"))
            } else {
                errors += NameRule.label.problems(name).map { .invalid("\(place).name", .string(name), $0) }
                if !names.insert(name).inserted { errors.append(.duplicate("\(place).name", .string(name))) }
            }
            errors += self.errors(container, place)
        }
        return errors
    }

    private func errors(_ container: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let image = container["image"]?.string ?? ""
        if image.isEmpty {
            errors.append(.required("\(field).image"))
        } else if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
            errors.append(
                .invalid("\(field).image", .string(image), "must not have leading or trailing whitespace"))
        }
        if let policy = container["terminationMessagePolicy"],
            !["File", "FallbackToLogsOnError"].contains(policy.string)
        {
            errors.append(
                .invalid("\(field).terminationMessagePolicy", policy, "must be 'File' or 'FallbackToLogsOnError'"))
        }
        errors += ports(container.elements("ports"), "\(field).ports")
        errors += environment(container.elements("env"), "\(field).env")
        errors += environmentSources(container.elements("envFrom"), "\(field).envFrom")
        errors += mounts(container.elements("volumeMounts"), "\(field).volumeMounts")
        errors += PodValidation.choice(
            container, "imagePullPolicy", ["Always", "IfNotPresent", "Never"], field)
        errors += resources(container["resources"] ?? [:], "\(field).resources")
        return errors
    }

    private func ports(_ ports: [JSON], _ field: String) -> [FieldError] {
        ports.enumerated().flatMap { index, port in
            let place = "\(field)[\(index)]"
            var errors: [FieldError] = []
            let number = port["containerPort"]?.int ?? 0
            if number == 0 {
                errors.append(.required("\(place).containerPort"))
            } else if !(1...65535 ~= number) {
                errors.append(
                    .invalid(
                        "\(place).containerPort", .number(JSONNumber(number)),
                        "must be between 1 and 65535, inclusive"))
            }
            return errors + PodValidation.choice(port, "protocol", ["SCTP", "TCP", "UDP"], place)
        }
    }

    private func environment(_ variables: [JSON], _ field: String) -> [FieldError] {
        variables.enumerated().flatMap { index, variable in
            let place = "\(field)[\(index)]"
            var errors = Self.name(variable["name"]?.string ?? "", "\(place).name")
            guard let source = variable["valueFrom"] else { return errors }
            let sourcePlace = "\(place).valueFrom"
            let count = source.object?.count ?? 0
            if count == 0 {
                errors.append(
                    .invalid(
                        sourcePlace, "",
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                            + "`fileKeyRef`"))
            } else if variable["value"] != nil {
                errors.append(.invalid(sourcePlace, "", "may not be specified when `value` is not empty"))
            } else if count > 1 {
                errors.append(.invalid(sourcePlace, "", "may not have more than one field specified at a time"))
            }
            for name in ["secretKeyRef", "configMapKeyRef"] {
                guard let reference = source[name] else { continue }
                if reference["name"] == nil { errors.append(.required("\(sourcePlace).\(name).name")) }
                if reference["key"]?.string ?? "" == "" { errors.append(.required("\(sourcePlace).\(name).key")) }
            }
            if let path = source["fieldRef"]?["fieldPath"]?.string {
                errors += Self.fieldPath(path, "\(sourcePlace).fieldRef.fieldPath")
            }
            return errors
        }
    }

    private static func fieldPath(_ path: String, _ field: String) -> [FieldError] {
        switch FieldPath.problem(path) {
        case nil: []
        case .invalid("", _): [.required(field)]
        case .invalid(let value, let detail): [.invalid(field, .string(value), detail)]
        case .unsupported(let value, let supported): [.notSupported(field, .string(value), supported: supported)]
        }
    }

    private static func name(_ name: String, _ field: String) -> [FieldError] {
        if name.isEmpty { return [.required(field)] }
        guard name.utf8.allSatisfy({ 0x20...0x7E ~= $0 && $0 != UInt8(ascii: "=") }) else {
            return [
                .invalid(
                    field, .string(name),
                    "a valid environment variable name must consist only of printable ASCII characters other than '='")
            ]
        }
        return []
    }

    private func environmentSources(_ sources: [JSON], _ field: String) -> [FieldError] {
        sources.enumerated().flatMap { index, source -> [FieldError] in
            let place = "\(field)[\(index)]"
            let given = ["configMapRef", "secretRef"].filter { source[$0] != nil }
            if given.isEmpty {
                return [.invalid(place, "", "must specify one of: `configMapRef` or `secretRef`")]
            }
            if given.count > 1 {
                return [.invalid(place, "", "may not have more than one field specified at a time")]
            }
            return given.filter { source[$0]?["name"] == nil }.map { .required("\(place).\($0).name") }
        }
    }

    private func mounts(_ mounts: [JSON], _ field: String) -> [FieldError] {
        var paths: Set<String> = []
        return mounts.enumerated().flatMap { index, mount in
            let place = "\(field)[\(index)]"
            let (name, path) = (mount["name"]?.string ?? "", mount["mountPath"]?.string ?? "")
            var errors: [FieldError] = []
            if name.isEmpty { errors.append(.required("\(place).name")) }
            if !volumes.contains(name) { errors.append(.notFound("\(place).name", .string(name))) }
            if path.isEmpty { errors.append(.required("\(place).mountPath")) }
            if !paths.insert(path).inserted {
                errors.append(.invalid("\(place).mountPath", .string(path), "must be unique"))
            }
            return errors + PodValidation.descending(mount["subPath"]?.string ?? "", "\(place).subPath")
        }
    }

    private func resources(_ resources: JSON, _ field: String) -> [FieldError] {
        func amount(_ list: String, _ name: String) -> Quantity? {
            resources[list]?[name]?.string.flatMap(Quantity.init)
        }
        var errors: [FieldError] = []
        for list in ["limits", "requests"] {
            for (name, value) in resources[list]?.object ?? [:] where (amount(list, name)?.nanos ?? 0) < 0 {
                errors.append(.invalid("\(field).\(list)[\(name)]", value, "must be greater than or equal to 0"))
            }
        }
        for (name, value) in resources["requests"]?.object ?? [:] {
            guard let request = amount("requests", name), let limit = amount("limits", name),
                request.nanos > limit.nanos
            else { continue }
            errors.append(
                .invalid(
                    "\(field).requests", value,
                    "must be less than or equal to \(name) limit of \(limit.canonicalText)"))
        }
        return errors
    }
}
