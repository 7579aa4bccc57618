internal import OrderedJSON

/// The rules that a Pod's volumes keep.
enum VolumeValidation {
    /// - Returns: the names of the volumes that are good, and what is wrong with the others.
    static func errors(_ volumes: [JSON], _ field: String) -> (names: Set<String>, errors: [FieldError]) {
        var (names, errors) = (Set<String>(), [FieldError]())
        for (index, volume) in volumes.enumerated() {
            let place = "\(field)[\(index)]"
            let name = volume["name"]?.string ?? ""
            var own = sourceErrors(volume, place)
            if name.isEmpty {
                own.append(.required("\(place).name"))
            } else {
                own += NameRule.label.problems(name).map { .invalid("\(place).name", .string(name), $0) }
            }
            if names.contains(name) { own.append(.duplicate("\(place).name", .string(name))) }
            if own.isEmpty { names.insert(name) }
            errors += own
        }
        return (names, errors)
    }

    private static func sourceErrors(_ volume: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        var isFirst = true
        for (name, source) in volume.object ?? [:] where name != "name" {
            let place = "\(field).\(name)"
            guard isFirst else {
                errors.append(.forbidden(place, "may not specify more than 1 volume type"))
                continue
            }
            isFirst = false
            switch name {
            case "secret":
                if source["secretName"] == nil { errors.append(.required("\(place).secretName")) }
                errors += files(source, place)
            case "configMap":
                if source["name"] == nil { errors.append(.required("\(place).name")) }
                errors += files(source, place)
            case "hostPath":
                if source["path"]?.string ?? "" == "" { errors.append(.required("\(place).path")) }
            case "projected":
                errors += mode(source, "defaultMode", place)
                for (index, part) in source.elements("sources").enumerated() {
                    errors += projectionErrors(part, "\(place).sources[\(index)]")
                }
            default: break
            }
        }
        return errors
    }

    private static func projectionErrors(_ part: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["secret", "configMap"] {
            guard let source = part[name] else { continue }
            if source["name"] == nil { errors.append(.required("\(field).\(name).name")) }
            errors += files(source, "\(field).\(name)")
        }
        if let token = part["serviceAccountToken"] {
            if (token["expirationSeconds"]?.int ?? 0) < 600 {
                errors.append(
                    .invalid(
                        "\(field).serviceAccountToken.expirationSeconds", token["expirationSeconds"] ?? 0,
                        "may not specify a duration less than 10 minutes"))
            }
            let path = token["path"]?.string ?? ""
            if path.isEmpty { errors.append(.required("\(field).serviceAccountToken.path")) }
            errors += PodValidation.descending(path, "\(field).serviceAccountToken.path")
        }
        return errors
    }

    private static func files(_ source: JSON, _ field: String) -> [FieldError] {
        var errors = mode(source, "defaultMode", field)
        for (index, item) in source.elements("items").enumerated() {
            let place = "\(field).items[\(index)]"
            let path = item["path"]?.string ?? ""
            if item["key"]?.string ?? "" == "" { errors.append(.required("\(place).key")) }
            if path.isEmpty { errors.append(.required("\(place).path")) }
            errors += PodValidation.descending(path, "\(place).path")
            if path.hasPrefix("..") {
                errors.append(.invalid("\(place).path", .string(path), "must not start with '..'"))
            }
            errors += mode(item, "mode", place)
        }
        return errors
    }

    private static func mode(_ object: JSON, _ name: String, _ field: String) -> [FieldError] {
        guard let mode = object[name], !(0...0o777 ~= mode.int ?? 0) else { return [] }
        return [
            .invalid(
                "\(field).\(name)", mode, "must be a number between 0 and 0777 (octal), both inclusive")
        ]
    }
}
