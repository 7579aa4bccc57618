public import OrderedJSON

/// One instance of a resource, as a state has it.
public struct StateResource: Sendable, Hashable {
    /// Such as `module.net.aws_subnet.a["x"]`, as the engines name it.
    public let address: String
    /// `managed` or `data`.
    public let mode: String
    /// The provider's source address.
    public let provider: String
    /// Everything, sensitive values included.
    public let attributes: JSON
    /// The attributes with every value that is marked as sensitive replaced by `"(sensitive)"`.
    ///
    /// What is marked stands in the state. Engines before Terraform 1.10 and OpenTofu do not mark what only the provider's
    /// schema says is sensitive.
    public let publicAttributes: JSON
    /// Whether the next apply replaces it.
    public let isTainted: Bool
}

/// One output of a state.
public struct StateOutput: Sendable, Hashable {
    /// The output's name.
    public let name: String
    /// The value; ``StateFile/hidden`` is for whoever shows it to put in its place.
    public let value: JSON
    /// As the engines write types, such as `"string"` or `["list", "string"]`; null where the state does not say.
    public let type: JSON
    /// Whether the module marks it as sensitive.
    public let isSensitive: Bool
}

extension StateFile {
    /// What stands for a value that is not to be shown.
    public static let hidden = JSON.string("(sensitive)")

    /// Every instance of every resource, in the order of the file.
    ///
    /// - Throws: `StateFileError.Code.encrypted`; `notState` where the file is not built like a state.
    public func resources() throws(StateFileError) -> [StateResource] {
        try Self.instances(of: try decoded()).map { instance in
            StateResource(
                address: instance.address, mode: instance.mode, provider: instance.provider,
                attributes: instance.attributes, publicAttributes: instance.attributes.hiding(instance.sensitivePaths),
                isTainted: instance.json["status"]?.string == "tainted")
        }
    }

    /// The outputs, in the order of the file.
    ///
    /// - Throws: `StateFileError.Code.encrypted`.
    public func outputs() throws(StateFileError) -> [StateOutput] {
        (try decoded()["outputs"]?.object).map { outputs in
            outputs.map { name, output in
                StateOutput(
                    name: name, value: output["value"] ?? .null, type: output["type"] ?? .null,
                    isSensitive: output["sensitive"]?.bool ?? false)
            }
        } ?? []
    }

    func decoded() throws(StateFileError) -> JSON {
        guard !isEncrypted else { throw StateFileError(.encrypted) }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw StateFileError(.notJSON(offset: error.offset))
        }
    }
}

extension JSON {
    /// - Parameter paths: each a list of steps, as the engines write `sensitive_attributes`.
    func hiding(_ paths: [JSON]) -> JSON {
        paths.reduce(self) { $0.hiding(path: ($1.array ?? [])[...]) }
    }

    private func hiding(path: ArraySlice<JSON>) -> JSON {
        guard let step = path.first else { return StateFile.hidden }
        if let value = dynamicValue {
            var object = self
            object["value"] = value.hiding(path: path)
            // It may be a map that only looks like this.
            if let name = step.stepKey?.string, let member = object[name] {
                object[name] = member.hiding(path: path.dropFirst())
            }
            return object
        }
        switch (self, step.stepKey) {
        case (.object, .string(let name)?):
            guard let member = self[name] else { return self }
            var object = self
            object[name] = member.hiding(path: path.dropFirst())
            return object
        case (.array(var elements), .number(let number)?):
            guard let index = number.int, elements.indices.contains(index) else { return StateFile.hidden }
            elements[index] = elements[index].hiding(path: path.dropFirst())
            return .array(elements)
        case (.null, _): return self
        // A step that leads nowhere: rather too much than too little.
        default: return StateFile.hidden
        }
    }

    /// Of a step of a path: the name or the number that it leads to. A step into an attribute has a name, one into a list or
    /// map an index with its type.
    var stepKey: JSON? { self["value"].flatMap { $0.object == nil ? $0 : $0["value"] } }
}
