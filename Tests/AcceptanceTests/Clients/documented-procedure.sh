# The commands of the documentation page "kubernetes" state storage, in its order, as they stand there.
set -eu
export STATE_STORAGE_NAMESPACE=humanitec-runner
kubectl create namespace ${STATE_STORAGE_NAMESPACE}
export RUNNER_K8S_SA=humanitec-runner
cat << EOF > kubernetes-state-storage-role-rolebinding.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: humanitec-runner-kubernetes-stage-storage
  namespace: ${STATE_STORAGE_NAMESPACE}
rules:
  - apiGroups: [""]
    resources: ["secrets"]
    verbs: ["create", "get", "list", "update"]
  - apiGroups: ["coordination.k8s.io"]
    resources: ["leases"]
    verbs: ["create", "get", "update"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: humanitec-runner-kubernetes-stage-storage
  namespace: ${STATE_STORAGE_NAMESPACE}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: humanitec-runner-kubernetes-stage-storage
subjects:
  - kind: ServiceAccount
    name: ${RUNNER_K8S_SA}
EOF
kubectl apply -f kubernetes-state-storage-role-rolebinding.yaml
