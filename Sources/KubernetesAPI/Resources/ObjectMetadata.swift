public import OrderedJSON

/// The fields of an object's `metadata` that Stowage reads, straight from the object.
extension JSON {
    /// nil for an object that has no name yet.
    public var objectName: String? { self["metadata"]?["name"]?.string }
    /// nil for objects that are in no namespace.
    public var objectNamespace: String? { self["metadata"]?["namespace"]?.string }
    /// Empty where there are none. Values that are no strings are left out.
    public var objectLabels: [String: String] { self["metadata"]?["labels"]?.strings ?? [:] }
    /// Empty where there are none. Values that are no strings are left out.
    public var objectAnnotations: [String: String] { self["metadata"]?["annotations"]?.strings ?? [:] }

    /// The version of the object that a compare-and-swap is made against; opaque, compared for equality only.
    public var resourceVersion: String? { self["metadata"]?["resourceVersion"]?.string }

    /// When the object was made, by the clock of the cluster, in seconds since 1970.
    public var creationTime: Double? { self["metadata"]?["creationTimestamp"]?.string.flatMap(RFC3339.seconds) }
}
