internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, batch/v1 `Job`.
    static let job = ServedKind.stored(
        StoredKind(
            kind: .job, type: Schema.type("Job"),
            setDefaults: JobDefaults.complete,
            prepareNew: { object in
                object.beginGenerations()
                JobDefaults.generateSelector(&object)
                JobDefaults.inheritLabels(&object)
            },
            prepareChanged: { object, old in
                JobDefaults.inheritLabels(&object)
                object.countGeneration(since: old)
            },
            validate: JobValidation.errors, validateChange: JobValidation.changeErrors,
            // As batch/v1 does for clients that were written before there was a choice.
            defaultPropagation: .orphan,
            selectableFields: [
                "status.successful": { String($0["status"]?["succeeded"]?.int ?? 0) }
            ],
            columns: JobTable.columns, hasStatus: true))
}
