internal import OrderedJSON

/// One instance of a resource, with all that an engine wrote about it.
struct StateInstance {
    /// Such as `module.net.aws_subnet.a["x"]`, as the engines name it.
    let address: String
    let mode: String
    let provider: String
    let json: JSON

    var attributes: JSON { json["attributes"] ?? json["attributes_flat"] ?? .null }

    /// Paths into the attributes, each a list of steps.
    var sensitivePaths: [JSON] { json["sensitive_attributes"]?.array ?? [] }

    /// Names an object that was replaced and is yet to be destroyed; nil for the one that is in use.
    var deposedKey: String? { json["deposed"]?.string }
}

extension StateFile {
    /// - Parameter json: the state.
    static func instances(of json: JSON) throws(StateFileError) -> [StateInstance] {
        var found: [StateInstance] = []
        for resource in json["resources"]?.array ?? [] {
            guard let type = resource["type"]?.string, let name = resource["name"]?.string else {
                throw StateFileError(.notState)
            }
            let mode = resource["mode"]?.string ?? "managed"
            let module = resource["module"]?.string.map { "\($0)." } ?? ""
            let address = "\(module)\(mode == "data" ? "data." : "")\(type).\(name)"
            for instance in resource["instances"]?.array ?? [] {
                found.append(
                    StateInstance(
                        address: address + suffix(instance["index_key"]), mode: mode,
                        provider: resource["provider"]?.string ?? "", json: instance))
            }
        }
        return found
    }

    private static func suffix(_ key: JSON?) -> String {
        switch key {
        case nil, .null: ""
        case let key?: "[\(key.text)]"
        }
    }
}
