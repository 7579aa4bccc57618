internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    func patch() async throws -> Response {
        let type = try PatchType(request)
        let bytes = try await request.bodyBytes()
        let options = try WriteOptions(request, "PatchOptions", patch: type)
        if type == .apply { return try await apply(bytes, options) }
        // That there is nothing to patch is said before that the patch is none.
        let patch = Result {
            try ObjectPatch(bytes, type, kind: kind.kind, type: kind.type, validation: options.fieldValidation)
        }
        return try await change(options) {
            throw Status.notFound(kind.kind, path.name)
        } _: { old in
            let body = try patch.get().body(old)
            try requireSameIdentity(body.object["metadata"] ?? [:], old["metadata"] ?? [:])
            return body
        }
    }

    /// What a patch leaves must still be the same object.
    func requireSameIdentity(_ metadata: JSON, _ old: JSON) throws {
        guard let name = metadata["name"]?.string else {
            throw Status.badRequest(
                "the name of the object (\(path.name) based on URL) was undeterminable: name must be provided")
        }
        guard name == path.name else {
            throw Status.badRequest(
                "the name of the object (\(name)) does not match the name on the URL (\(path.name))")
        }
        if let other = metadata["namespace"]?.string, other != namespace {
            throw Status.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        if let uid = metadata["uid"], uid != old["uid"] {
            throw Status.invalid(
                kind.kind, name: path.name, [.invalid("metadata.uid", uid, "field is immutable")])
        }
    }
}
