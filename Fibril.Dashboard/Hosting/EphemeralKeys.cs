using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Fibril.Dashboard.Hosting;

/// <summary>Keys that live as long as the process: what they protect is the state of pages that are open. Nothing is written to anybody's home directory. Thread-safe.</summary>
internal sealed class EphemeralKeys : IXmlRepository
{
    private readonly ConcurrentQueue<XElement> _keys = new();

    public IReadOnlyCollection<XElement> GetAllElements() => _keys;

    public void StoreElement(XElement element, string friendlyName) => _keys.Enqueue(element);
}
