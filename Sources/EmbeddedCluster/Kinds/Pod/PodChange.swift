internal import OrderedJSON

/// What may change in a Pod after it was made.
///
/// Source: k8s.io/kubernetes/pkg/apis/core/validation `ValidatePodUpdate`.
enum PodChange {
    private static let message = """
        pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
        `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
        `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
        """

    @Sendable static func errors(_ pod: JSON, _ old: JSON) -> [FieldError] {
        let (spec, oldSpec) = (pod["spec"] ?? [:], old["spec"] ?? [:])
        var errors: [FieldError] = []
        for list in ["containers", "initContainers"]
        where spec.elements(list).count != oldSpec.elements(list).count {
            return [.forbidden("spec.\(list)", "pod updates may not add or remove containers")]
        }
        let field = "spec.activeDeadlineSeconds"
        switch (spec["activeDeadlineSeconds"], oldSpec["activeDeadlineSeconds"]) {
        case (let new?, let old?) where (new.int ?? 0) > (old.int ?? 0):
            return [.invalid(field, new, "must be less than or equal to previous value")]
        case (nil, .some): errors.append(.invalid(field, .null, "must not update from a positive integer to nil value"))
        default: break
        }
        let (tolerations, oldTolerations) = (spec.elements("tolerations"), oldSpec.elements("tolerations"))
        if !oldTolerations.allSatisfy(tolerations.contains) {
            errors.append(
                .forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"))
        }
        if unchangeable(spec) != unchangeable(oldSpec) { errors.append(.forbidden("spec", message)) }
        return errors
    }

    private static func unchangeable(_ spec: JSON) -> JSON {
        var spec = spec
        for list in ["containers", "initContainers"] { spec.changeEach(list) { $0["image"] = nil } }
        for field in ["activeDeadlineSeconds", "tolerations"] { spec[field] = nil }
        return spec
    }
}
