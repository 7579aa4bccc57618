/// The types of the API that this cluster knows.
enum Schema {
    static let texts = [meta, core, pods, volumes, coordination, batch, rbac, authentication, authorization, policy]

    private static let types: [String: ObjectType] = {
        do throws(SchemaText.Failure) {
            return try SchemaText(texts).all
        } catch {
            // The texts are part of the program; a test reads them all.
            preconditionFailure("the schema is wrong: \(error.message)")
        }
    }()

    /// - Precondition: the type is part of a text.
    static func type(_ name: String) -> ObjectType {
        guard let type = types[name] else { preconditionFailure("the schema has no type \(name)") }
        return type
    }

    /// nil where no text has the type.
    static func known(_ name: String) -> ObjectType? { types[name] }

    static let metadata = type("ObjectMeta")
}
