extension Schema {
    /// Source: Kubernetes API reference, meta/v1.
    static let meta = """
        package io.k8s.apimachinery.pkg.apis.meta.v1
        ObjectMeta
          1 name string
          2 generateName string
          3 namespace string
          4 selfLink string
          5 uid string
          6 resourceVersion string
          7 generation int64
          8 creationTimestamp time
          9 deletionTimestamp time?
          10 deletionGracePeriodSeconds int64?
          11 labels {string}
          12 annotations {string}
          13 ownerReferences [OwnerReference] merge=uid
          14 finalizers [string] merge
          17 managedFields [ManagedFieldsEntry]
        ListMeta
          1 selfLink string
          2 resourceVersion string
          3 continue string
          4 remainingItemCount int64?
        DeleteOptions
          1 gracePeriodSeconds int64?
          2 preconditions Preconditions?
          3 orphanDependents bool?
          4 propagationPolicy string?
          5 dryRun [string]
        LabelSelector
          1 matchLabels {string}
          2 matchExpressions [LabelSelectorRequirement]
        OwnerReference
          5 apiVersion string!
          1 kind string!
          3 name string!
          4 uid string!
          6 controller bool?
          7 blockOwnerDeletion bool?
        ManagedFieldsEntry
          1 manager string
          2 operation string
          3 apiVersion string
          4 time time?
          6 fieldsType string
          7 fieldsV1 any?
          8 subresource string
        Preconditions
          1 uid string?
          2 resourceVersion string?
        LabelSelectorRequirement
          1 key string!
          2 operator string!
          3 values [string]
        FieldSelectorRequirement
          1 key string!
          2 operator string!
          3 values [string] atomic
        """
}
