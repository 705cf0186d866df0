using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests;

/// <summary>The control plane that the component tests of this project share.</summary>
[SetUpFixture]
public sealed class KubernetesControlPlane : SharedControlPlane;
