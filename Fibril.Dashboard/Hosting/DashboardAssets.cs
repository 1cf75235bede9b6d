using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Scripts, styles and images, out of the assembly: nothing is fetched from anywhere else, and nothing depends on where the host was started. Thread-safe.</summary>
public static class DashboardAssets
{
    /// <summary>Below which they are.</summary>
    public const string Path = "/static";

    private const string Prefix = "assets/";
    private const int HashCharacters = 16;

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".webmanifest"] = "application/manifest+json",
    };

    private static readonly ConcurrentDictionary<string, Asset?> Assets = new();

    /// <summary>Where a page finds an asset, relative to its base. It changes with the content, so browsers may keep it for good.</summary>
    public static string Url(string name) => $"static/{name}?v={Find(name)?.Hash ?? throw new ArgumentException($"There is no asset {name}.", nameof(name))}";

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapMethods(Path + "/{name}", [HttpMethods.Get, HttpMethods.Head], ServeAsync).AllowAnonymous();

    private static async Task ServeAsync(HttpContext context, string name)
    {
        if (Find(name) is not { } asset)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ETag = $"\"{asset.Hash}\"";
        headers.CacheControl = context.Request.Query["v"] == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (context.Request.Headers.IfNoneMatch == headers.ETag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        bool takesBrotli = context.Request.GetTypedHeaders().AcceptEncoding.Any(static encoding => encoding.Value == "br" && encoding.Quality != 0);
        byte[] body = takesBrotli ? asset.Compressed : asset.Content;
        if (takesBrotli) headers.ContentEncoding = "br";
        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Asset? Find(string name) => Assets.GetOrAdd(name, static name =>
    {
        using Stream? stream = typeof(DashboardAssets).Assembly.GetManifestResourceStream(Prefix + name);
        if (stream is null) return null;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new Asset(content, ContentTypes.GetValueOrDefault(System.IO.Path.GetExtension(name), "application/octet-stream"));
    });

    private sealed class Asset(byte[] content, string contentType)
    {
        private readonly Lazy<byte[]> _compressed = new(() => Compress(content));

        public byte[] Content => content;

        public byte[] Compressed => _compressed.Value;

        public string ContentType => contentType;

        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(content))[..HashCharacters];

        private static byte[] Compress(byte[] content)
        {
            using var compressed = new MemoryStream();
            using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal)) brotli.Write(content);
            return compressed.ToArray();
        }
    }
}
