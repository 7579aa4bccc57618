internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    private var deletion: ObjectDeletion { ObjectDeletion(store: store, kind: kind, now: asker.now) }

    func delete() async throws -> Response {
        let options = try await DeleteOptions(request)
        guard !kind.undeletableNames.contains(path.name) else {
            throw Status.forbidden(kind.kind, path.name, "this \(kind.kind.singular) may not be deleted")
        }
        switch try await deletion.delete(key, options) {
        case .kept(let object):
            // The one case in which Kubernetes says that it is not done yet.
            return .json(writer.object(object), status: options.orphansDependents == false ? 202 : 200)
        case .removed(let object) where kind.returnsDeleted:
            guard kind.gracePeriod != nil else { return .json(writer.object(object)) }
            // The time it was given is none.
            var last = try object.json()
            last.markDeleted(after: 0, asker.now)
            return .json(writer.object(last))
        case .removed(let object):
            let uid = try object.metadataJSON()["uid"]?.string ?? ""
            return .json(Status.deleted(kind.kind, name: path.name, uid: uid).bytes)
        }
    }

    /// Deletes what a list with the same query gives, and answers with that list.
    func deleteCollection() async throws -> Response {
        let listing = try await listing(needsContent: true)
        let options = try await DeleteOptions(request)
        var (objects, query) = (listing.start.objects, listing.query)
        var unread = listing.start.unread
        while true {
            try await deletion.delete(try listing.filter.apply(objects), options)
            guard let position = unread else { break }
            query.after = position
            query.limit = query.limit.map { $0 - objects.count }
            (objects, unread) = try await store.more(query)
        }
        return try await answer(listing)
    }
}
