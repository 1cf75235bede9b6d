using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Security.Tls;

/// <summary>Whom a certificate of a client stands for .</summary>
internal static class ClientIdentity
{
    private const string CommonName = "2.5.4.3";

    /// <summary>The first alternative name of type DNS, else the common name; null for none, and for names that are reserved for nodes.</summary>
    public static string? Of(X509Certificate2 certificate)
    {
        string? name = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static names => names.EnumerateDnsNames()).FirstOrDefault()
            ?? certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(static part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                .Select(static part => part.GetSingleElementValue()).FirstOrDefault();
        return string.IsNullOrWhiteSpace(name) || UserNames.IsReserved(name) ? null : name;
    }
}
