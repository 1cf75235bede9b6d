using System.Xml.Linq;
using Fibril.Broker.Hosting;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Testing;

/// <summary>The broker travels inside the package Fibril.Testing, which must bring what it needs.</summary>
public sealed class PackagedBrokerTests
{
    // Only the process of a broker of its own uses them: its settings, its pages, and what it tells monitoring.
    private static readonly string[] OfTheProcess = ["Fibril.Dashboard", "Fibril.ServiceDefaults", "Tomlyn"];

    [Fact]
    public void What_the_broker_refers_to_comes_with_the_package_or_the_framework()
    {
        XDocument project = XDocument.Load(Repository.PathOf("Fibril.Testing", "Fibril.Testing.csproj"));
        IEnumerable<string> packages = project.Descendants("PackageReference").Select(static reference => (string)reference.Attribute("Include")!);
        IEnumerable<string> projects = project.Descendants("ProjectReference").Select(static reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        HashSet<string> present = [.. packages, .. projects, .. OfTheProcess];
        string[] frameworks = [Path.GetDirectoryName(typeof(object).Assembly.Location)!, Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!];
        IEnumerable<string> missing = typeof(BrokerCore).Assembly.GetReferencedAssemblies()
            .Select(static reference => reference.Name!)
            .Where(name => !present.Contains(name) && !Array.Exists(frameworks, framework => File.Exists(Path.Combine(framework, name + ".dll"))));
        Assert.Empty(missing);
    }
}
