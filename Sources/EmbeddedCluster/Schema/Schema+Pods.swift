extension Schema {
    /// Source: Kubernetes API reference, core/v1 `Pod`, without its volumes.
    static let pods = """
        package io.k8s.api.core.v1
        Pod
          1 metadata ObjectMeta!
          2 spec PodSpec!
          3 status PodStatus!
        PodTemplateSpec
          1 metadata ObjectMeta!
          2 spec PodSpec!
        PodSpec
          1 volumes [Volume] merge=name retain
          20 initContainers [Container] merge=name
          2 containers [Container]! merge=name
          34 ephemeralContainers [EphemeralContainer] merge=name
          3 restartPolicy string
          4 terminationGracePeriodSeconds int64?
          5 activeDeadlineSeconds int64?
          6 dnsPolicy string
          7 nodeSelector {string} atomic
          8 serviceAccountName string
          9 serviceAccount string
          21 automountServiceAccountToken bool?
          10 nodeName string
          11 hostNetwork bool
          12 hostPID bool
          13 hostIPC bool
          27 shareProcessNamespace bool?
          14 securityContext PodSecurityContext?
          15 imagePullSecrets [LocalObjectReference] merge=name
          16 hostname string
          17 subdomain string
          18 affinity Affinity?
          19 schedulerName string
          22 tolerations [Toleration]
          23 hostAliases [HostAlias] merge=ip
          24 priorityClassName string
          25 priority int32?
          26 dnsConfig PodDNSConfig?
          28 readinessGates [PodReadinessGate]
          29 runtimeClassName string?
          30 enableServiceLinks bool?
          31 preemptionPolicy string?
          32 overhead {quantity}
          33 topologySpreadConstraints [TopologySpreadConstraint] merge=topologyKey map=topologyKey,whenUnsatisfiable
          35 setHostnameAsFQDN bool?
          36 os PodOS?
          37 hostUsers bool?
          38 schedulingGates [PodSchedulingGate] merge=name
          39 resourceClaims [PodResourceClaim] merge=name retain
          40 resources ResourceRequirements?
          41 hostnameOverride string?
        PodStatus
          17 observedGeneration int64
          1 phase string
          2 conditions [PodCondition] merge=type
          3 message string
          4 reason string
          11 nominatedNodeName string
          5 hostIP string
          16 hostIPs [HostIP] merge=ip atomic
          6 podIP string
          12 podIPs [PodIP] merge=ip
          7 startTime time?
          10 initContainerStatuses [ContainerStatus]
          8 containerStatuses [ContainerStatus]
          9 qosClass string
          13 ephemeralContainerStatuses [ContainerStatus]
          14 resize string
          15 resourceClaimStatuses [PodResourceClaimStatus] merge=name retain
        Container
          1 name string!
          2 image string
          3 command [string]
          4 args [string]
          5 workingDir string
          6 ports [ContainerPort] merge=containerPort map=containerPort,protocol
          19 envFrom [EnvFromSource]
          7 env [EnvVar] merge=name
          8 resources ResourceRequirements!
          23 resizePolicy [ContainerResizePolicy] atomic
          24 restartPolicy string?
          25 restartPolicyRules [ContainerRestartRule] atomic
          9 volumeMounts [VolumeMount] merge=mountPath
          21 volumeDevices [VolumeDevice] merge=devicePath
          10 livenessProbe Probe?
          11 readinessProbe Probe?
          22 startupProbe Probe?
          12 lifecycle Lifecycle?
          13 terminationMessagePath string
          20 terminationMessagePolicy string
          14 imagePullPolicy string
          15 securityContext SecurityContext?
          16 stdin bool
          17 stdinOnce bool
          18 tty bool
        EphemeralContainer
          1.1 name string!
          1.2 image string
          1.3 command [string]
          1.4 args [string]
          1.5 workingDir string
          1.6 ports [ContainerPort]
          1.19 envFrom [EnvFromSource]
          1.7 env [EnvVar] merge=name
          1.8 resources ResourceRequirements!
          1.23 resizePolicy [ContainerResizePolicy] atomic
          1.24 restartPolicy string?
          1.25 restartPolicyRules [ContainerRestartRule] atomic
          1.9 volumeMounts [VolumeMount] merge=mountPath
          1.21 volumeDevices [VolumeDevice] merge=devicePath
          1.10 livenessProbe Probe?
          1.11 readinessProbe Probe?
          1.22 startupProbe Probe?
          1.12 lifecycle Lifecycle?
          1.13 terminationMessagePath string
          1.20 terminationMessagePolicy string
          1.14 imagePullPolicy string
          1.15 securityContext SecurityContext?
          1.16 stdin bool
          1.17 stdinOnce bool
          1.18 tty bool
          2 targetContainerName string
        PodSecurityContext
          1 seLinuxOptions SELinuxOptions?
          8 windowsOptions WindowsSecurityContextOptions?
          2 runAsUser int64?
          6 runAsGroup int64?
          3 runAsNonRoot bool?
          4 supplementalGroups [int64]
          5 fsGroup int64?
          7 sysctls [Sysctl]
          9 fsGroupChangePolicy string?
          10 seccompProfile SeccompProfile?
          11 appArmorProfile AppArmorProfile?
          12 supplementalGroupsPolicy string?
          13 seLinuxChangePolicy string?
        Affinity
          1 nodeAffinity NodeAffinity?
          2 podAffinity PodAffinity?
          3 podAntiAffinity PodAntiAffinity?
        Toleration
          1 key string
          2 operator string
          3 value string
          4 effect string
          5 tolerationSeconds int64?
        HostAlias
          1 ip string
          2 hostnames [string]
        PodDNSConfig
          1 nameservers [string]
          2 searches [string]
          3 options [PodDNSConfigOption]
        PodReadinessGate
          1 conditionType string!
        TopologySpreadConstraint
          1 maxSkew int32!
          2 topologyKey string!
          3 whenUnsatisfiable string!
          4 labelSelector LabelSelector?
          5 minDomains int32?
          6 nodeAffinityPolicy string?
          7 nodeTaintsPolicy string?
          8 matchLabelKeys [string] atomic
        PodCondition
          1 type string!
          7 observedGeneration int64
          2 status string!
          3 lastProbeTime time
          4 lastTransitionTime time
          5 reason string
          6 message string
        PodIP
          1 ip string
        ContainerStatus
          1 name string!
          2 state ContainerState!
          3 lastState ContainerState!
          4 ready bool!
          5 restartCount int32!
          6 image string!
          7 imageID string!
          8 containerID string
          9 started bool?
          10 allocatedResources {quantity}
          11 resources ResourceRequirements?
          12 volumeMounts [VolumeMountStatus] merge=mountPath
          15 stopSignal string?
        ContainerPort
          1 name string
          2 hostPort int32
          3 containerPort int32!
          4 protocol string
          5 hostIP string
        EnvFromSource
          1 prefix string
          2 configMapRef ConfigMapEnvSource?
          3 secretRef SecretEnvSource?
        EnvVar
          1 name string!
          2 value string
          3 valueFrom EnvVarSource?
        ResourceRequirements
          1 limits {quantity}
          2 requests {quantity}
          3 claims [ResourceClaim] map=name
        VolumeMount
          1 name string!
          2 readOnly bool
          7 recursiveReadOnly string?
          3 mountPath string!
          4 subPath string
          5 mountPropagation string?
          6 subPathExpr string
        VolumeDevice
          1 name string!
          2 devicePath string!
        Probe
          1.1 exec ExecAction?
          1.2 httpGet HTTPGetAction?
          1.3 tcpSocket TCPSocketAction?
          1.4 grpc GRPCAction?
          2 initialDelaySeconds int32
          3 timeoutSeconds int32
          4 periodSeconds int32
          5 successThreshold int32
          6 failureThreshold int32
          7 terminationGracePeriodSeconds int64?
        Lifecycle
          1 postStart LifecycleHandler?
          2 preStop LifecycleHandler?
          3 stopSignal string?
        SecurityContext
          1 capabilities Capabilities?
          2 privileged bool?
          3 seLinuxOptions SELinuxOptions?
          10 windowsOptions WindowsSecurityContextOptions?
          4 runAsUser int64?
          8 runAsGroup int64?
          5 runAsNonRoot bool?
          6 readOnlyRootFilesystem bool?
          7 allowPrivilegeEscalation bool?
          9 procMount string?
          11 seccompProfile SeccompProfile?
          12 appArmorProfile AppArmorProfile?
        SELinuxOptions
          1 user string
          2 role string
          3 type string
          4 level string
        WindowsSecurityContextOptions
          1 gmsaCredentialSpecName string?
          2 gmsaCredentialSpec string?
          3 runAsUserName string?
          4 hostProcess bool?
        Sysctl
          1 name string!
          2 value string!
        SeccompProfile
          1 type string!
          2 localhostProfile string?
        NodeAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector?
          2 preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm]
        PodAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
          2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm]
        PodAntiAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
          2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm]
        PodDNSConfigOption
          1 name string
          2 value string?
        ContainerState
          1 waiting ContainerStateWaiting?
          2 running ContainerStateRunning?
          3 terminated ContainerStateTerminated?
        ConfigMapEnvSource
          1.1 name string
          2 optional bool?
        SecretEnvSource
          1.1 name string
          2 optional bool?
        EnvVarSource
          1 fieldRef ObjectFieldSelector?
          2 resourceFieldRef ResourceFieldSelector?
          3 configMapKeyRef ConfigMapKeySelector?
          4 secretKeyRef SecretKeySelector?
        ExecAction
          1 command [string]
        HTTPGetAction
          1 path string
          2 port intOrString!
          3 host string
          4 scheme string
          5 httpHeaders [HTTPHeader]
        TCPSocketAction
          1 port intOrString!
          2 host string
        LifecycleHandler
          1 exec ExecAction?
          2 httpGet HTTPGetAction?
          3 tcpSocket TCPSocketAction?
        Capabilities
          1 add [string]
          2 drop [string]
        NodeSelector
          1 nodeSelectorTerms [NodeSelectorTerm]!
        PreferredSchedulingTerm
          1 weight int32!
          2 preference NodeSelectorTerm!
        PodAffinityTerm
          1 labelSelector LabelSelector?
          2 namespaces [string]
          3 topologyKey string!
          4 namespaceSelector LabelSelector?
          5 matchLabelKeys [string] atomic
          6 mismatchLabelKeys [string] atomic
        WeightedPodAffinityTerm
          1 weight int32!
          2 podAffinityTerm PodAffinityTerm!
        ContainerStateWaiting
          1 reason string
          2 message string
        ContainerStateRunning
          1 startedAt time
        ContainerStateTerminated
          1 exitCode int32!
          2 signal int32
          3 reason string
          4 message string
          5 startedAt time
          6 finishedAt time
          7 containerID string
        ObjectFieldSelector
          1 apiVersion string
          2 fieldPath string!
        ResourceFieldSelector
          1 containerName string
          2 resource string!
          3 divisor quantity
        ConfigMapKeySelector
          1.1 name string
          2 key string!
          3 optional bool?
        SecretKeySelector
          1.1 name string
          2 key string!
          3 optional bool?
        HTTPHeader
          1 name string!
          2 value string!
        NodeSelectorTerm
          1 matchExpressions [NodeSelectorRequirement]
          2 matchFields [NodeSelectorRequirement]
        NodeSelectorRequirement
          1 key string!
          2 operator string!
          3 values [string]
        PodOS
          1 name string!
        PodSchedulingGate
          1 name string!
        PodResourceClaim
          1 name string!
          3 resourceClaimName string?
          4 resourceClaimTemplateName string?
        HostIP
          1 ip string!
        PodResourceClaimStatus
          1 name string!
          2 resourceClaimName string?
        ContainerResizePolicy
          1 resourceName string!
          2 restartPolicy string!
        ContainerRestartRule
          1 action string
          2 exitCodes ContainerRestartRuleOnExitCodes?
        ContainerRestartRuleOnExitCodes
          1 operator string
          2 values [int32] set
        AppArmorProfile
          1 type string!
          2 localhostProfile string?
        VolumeMountStatus
          1 name string!
          2 mountPath string!
          3 readOnly bool
          4 recursiveReadOnly string?
        ResourceClaim
          1 name string!
          2 request string
        GRPCAction
          1 port int32!
          2 service string?!
        """
}
