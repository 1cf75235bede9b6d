using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fibril.Cli.Admin;

/// <summary>Speaks to the admin API. Every failure comes as a <see cref="CliException"/> that says what to do.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly AdminTarget _target;
    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;

    public AdminClient(AdminTarget target)
    {
        _target = target;
        _timeout = target.Timeout ?? DefaultTimeout;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a login is not carried to wherever an answer points
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = target.Timeout ?? ConnectTimeout,
        };
        if (target.Tls is { } tls) handler.SslOptions = AdminTrust.Create(tls, target.Talk);
        _http = new HttpClient(handler) { BaseAddress = target.Address, Timeout = Timeout.InfiniteTimeSpan };
        string login = $"{target.Credentials.UserName}:{target.Credentials.Password}";
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("fibrilctl");
    }

    public Uri Address => _target.Address;

    public Task<JsonElement> GetAsync(Route route, CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, route, null, cancellationToken);

    public Task<JsonElement> DeleteAsync(Route route, CancellationToken cancellationToken) => AskAsync(HttpMethod.Delete, route, null, cancellationToken);

    public Task<JsonElement> PostAsync(Route route, CancellationToken cancellationToken) => AskAsync(HttpMethod.Post, route, null, cancellationToken);

    public Task<JsonElement> PostAsync<T>(Route route, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, route, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    public Task<JsonElement> PutAsync<T>(Route route, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Put, route, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    public Task<JsonElement> PatchAsync<T>(Route route, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Patch, route, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    /// <summary>Sends a request and takes whatever comes back, also a refusal.</summary>
    /// <exception cref="CliException">Nothing came back.</exception>
    public async Task<AdminAnswer> SendAsync(HttpMethod method, Route route, byte[]? body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        using var request = new HttpRequestMessage(method, route.ToString());
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token);
            return new AdminAnswer(response.StatusCode, response.Headers, await response.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (HttpRequestException failure)
        {
            throw AdminFailure.NotReachable(_target.Address, failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw AdminFailure.TimedOut(_target.Address, _timeout);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> AskAsync(HttpMethod method, Route route, byte[]? body, CancellationToken cancellationToken)
    {
        AdminAnswer answer = await SendAsync(method, route, body, cancellationToken);
        return answer.IsSuccess ? answer.Read() : throw AdminFailure.Of(answer, _target.Address);
    }
}
