extension Schema {
    /// Source: Kubernetes API reference, meta/v1.
    static let meta = """
        package io.k8s.apimachinery.pkg.apis.meta.v1
        ObjectMeta: What every object has: its name, where it is, how it came to be and who it belongs to.
          1 name string -- The object's name, alone of its kind in its namespace. It cannot be changed.
          2 generateName string -- A beginning from which the cluster makes up a name where none is given.
          3 namespace string -- The namespace that the object is in; empty for objects of the whole cluster. It cannot be changed.
          4 selfLink string -- No longer filled in.
          5 uid string -- What tells this object from all others that ever had its name. The cluster fills it in.
          6 resourceVersion string -- Which state of the object this is. It changes with each write; an update that names an older one is refused. Compare it for equality only.
          7 generation int64 -- How often what is wanted of the object was changed.
          8 creationTimestamp time -- When the object was made. The cluster fills it in.
          9 deletionTimestamp time? -- When the object was, or will be, deleted. It is there as long as finalizers keep the object.
          10 deletionGracePeriodSeconds int64? -- How long the object may take to end once it was deleted.
          11 labels {string} -- Names and values by which objects are chosen; short, and indexed.
          12 annotations {string} -- Names and values that programs leave for one another; of any text, and not to choose objects by.
          13 ownerReferences [OwnerReference] merge=uid -- The objects that this one belongs to. When all of them are gone it is deleted, too.
          14 finalizers [string] merge -- Who has to do something before the object may go. It stays, marked as deleted, until the list is empty.
          17 managedFields [ManagedFieldsEntry] -- Who set which fields, for server-side apply. The cluster fills it in.
        ListMeta: What a list says of itself.
          1 selfLink string -- No longer filled in.
          2 resourceVersion string -- The state of the cluster that the list shows; a watch goes on from it.
          3 continue string -- Where the rest of the list begins, if there is one; give it back as the parameter continue.
          4 remainingItemCount int64? -- How many objects follow, as far as that is known.
        PartialObjectMetadata: The metadata of an object of any kind, without the rest.
          1 metadata ObjectMeta!
        Status: How a request went, where no object says so.
          1 metadata ListMeta!
          2 status string -- Success or Failure.
          3 message string -- What went wrong, for people.
          4 reason string -- What went wrong, as one word for programs, such as NotFound.
          5 details StatusDetails? -- More about what went wrong.
          6 code int32 -- The HTTP status.
        APIVersions
          1 versions [string]! atomic
          2 serverAddressByClientCIDRs [ServerAddressByClientCIDR]! atomic
        ServerAddressByClientCIDR
          1 clientCIDR string!
          2 serverAddress string!
        APIGroupList
          1 groups [APIGroup]! atomic
        APIGroup
          1 name string!
          2 versions [GroupVersionForDiscovery]! atomic
          3 preferredVersion GroupVersionForDiscovery!
          4 serverAddressByClientCIDRs [ServerAddressByClientCIDR] atomic
        GroupVersionForDiscovery
          1 groupVersion string!
          2 version string!
        APIResourceList: The kinds of one group and version.
          1 groupVersion string! -- The group and the version.
          2 resources [APIResource]! atomic -- The kinds, and what can be done below their objects.
        APIResource: A kind, or something that can be done below its objects.
          1 name string! -- The plural, lower-case name that stands in paths.
          6 singularName string! -- The same for one.
          2 namespaced bool! -- Whether its objects are in namespaces.
          8 group string -- The group of what is sent, where it is another one.
          9 version string -- The version of what is sent, where it is another one.
          3 kind string! -- The kind.
          4.1 verbs [string]! -- What can be done.
          5 shortNames [string] atomic -- Short names for the command line.
          7 categories [string] atomic -- Names for several kinds, such as all.
          10 storageVersionHash string -- Changes when objects come to be kept in another version.
        StatusDetails: More about a failure.
          1 name string -- The object that the failure is about.
          2 group string -- The group of its kind.
          3 kind string -- Its resource or kind.
          6 uid string -- Its uid.
          4 causes [StatusCause] -- What was wrong, one by one.
          5 retryAfterSeconds int32 -- After how many seconds the request may be made again.
        StatusCause: One of the reasons of a failure.
          1 reason string -- The sort of the reason, as one word.
          2 message string -- The reason, for people.
          3 field string -- The field at fault, such as spec.containers[0].name.
        DeleteOptions: How an object is to be deleted.
          1 gracePeriodSeconds int64? -- How long the object may take to end; 0 is at once.
          2 preconditions Preconditions? -- What must be so, or else nothing is deleted.
          3 orphanDependents bool? -- Replaced by propagationPolicy.
          4 propagationPolicy string? -- What becomes of dependents: Orphan leaves them, Background deletes them later, Foreground before the object itself.
          5 dryRun [string] atomic -- All: everything is checked and nothing deleted.
          6 ignoreStoreReadErrorWithClusterBreakingPotential bool?
        LabelSelector: Chooses objects by their labels; all of its parts must hold. An empty one chooses everything.
          1 matchLabels {string} -- Labels that must have just these values.
          2 matchExpressions [LabelSelectorRequirement] -- Conditions that labels must meet.
        OwnerReference: An object that another one belongs to, in the same namespace or of the whole cluster.
          5 apiVersion string! -- The owner's group and version.
          1 kind string! -- The owner's kind.
          3 name string! -- The owner's name.
          4 uid string! -- The owner's uid.
          6 controller bool? -- Whether this owner manages the object; at most one does.
          7 blockOwnerDeletion bool? -- Whether the owner stays, when it is deleted in the foreground, until this object is gone.
        ManagedFieldsEntry: The fields that one manager set in one way.
          1 manager string -- Who set the fields.
          2 operation string -- How: Apply, or Update for every other way.
          3 apiVersion string -- The version in which the fields are named.
          4 time time? -- When the manager last changed them.
          6 fieldsType string -- The form of the fields; always FieldsV1.
          7 fieldsV1 any? -- The fields, as a tree.
          8 subresource string -- Through which subresource they were set; empty for the object itself.
        Preconditions: What must be so for an object to be changed or deleted.
          1 uid string? -- The object has this uid.
          2 resourceVersion string? -- The object is in this state.
        LabelSelectorRequirement: A condition on one label.
          1 key string! -- The label's name.
          2 operator string! -- In, NotIn, Exists or DoesNotExist.
          3 values [string] -- What In and NotIn compare with; empty for the others.
        FieldSelectorRequirement: A condition on one field.
          1 key string! -- The field.
          2 operator string! -- In, NotIn, Exists or DoesNotExist.
          3 values [string] atomic -- What In and NotIn compare with.
        """
}
