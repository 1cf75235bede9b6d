using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Components.Authorization;

namespace Fibril.Dashboard.Api;

/// <summary>The admin API of one broker, as whoever looks at the page may use it. One for each circuit; for the renderer's thread.</summary>
/// <remarks>This is the only door from a page to a broker: what a page can do, a script can do, with the same rights and the same audit trail.</remarks>
public sealed class AdminApi(BrokerScope scope, AuthenticationStateProvider users, PrerenderedAnswers prerendered)
{
    private const string TokenHeader = "X-CSRF-Token";
    private const string TotalHeader = "X-Total-Count";

    private SessionInfo? _session;

    /// <summary>The broker that is asked.</summary>
    public BrokerEntry Broker => scope.Broker;

    /// <summary>The same for another broker, with the session that the reader has there.</summary>
    public AdminApi For(BrokerEntry broker) => new(new BrokerScope(broker), users, new PrerenderedAnswers());

    /// <summary>Who is logged in, and what for.</summary>
    /// <exception cref="AdminApiException">Nobody is, or the broker cannot be reached.</exception>
    public async Task<SessionInfo> GetSessionAsync(CancellationToken cancellationToken = default) =>
        _session ??= await GetAsync<SessionInfo>("admin/api/session", cancellationToken);

    /// <summary>Reads a document.</summary>
    /// <param name="path">Below the address of the admin listener, without a slash before it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken = default)
    {
        if (prerendered.Find(path) is { } known) return Read<T>(known);
        byte[] body = (await SendAsync(HttpMethod.Get, path, null, cancellationToken)).Body;
        prerendered.Keep(path, body);
        return Read<T>(body);
    }

    /// <summary>Reads a page of a list whose answer is the rows alone, with how many there are of all pages.</summary>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public async Task<ListPage<TRow>> GetPageAsync<TRow>(string path, CancellationToken cancellationToken = default)
    {
        string pathOfTotal = $"{path}#total";
        if (prerendered.Find(path) is { } known && prerendered.Find(pathOfTotal) is { } knownTotal) return new ListPage<TRow>(Read<int>(knownTotal), Read<IReadOnlyList<TRow>>(known));
        (_, byte[] body, int? total) = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        IReadOnlyList<TRow> rows = Read<IReadOnlyList<TRow>>(body);
        prerendered.Keep(path, body);
        prerendered.Keep(pathOfTotal, JsonSerializer.SerializeToUtf8Bytes(total ?? rows.Count));
        return new ListPage<TRow>(total ?? rows.Count, rows);
    }

    /// <summary>Reads whether the broker is ready. One that is not says so with a status that is no failure here.</summary>
    /// <exception cref="AdminApiException">The broker cannot be reached.</exception>
    public async Task<Readiness> GetReadinessAsync(CancellationToken cancellationToken = default) =>
        Read<Readiness>((await SendAsync(HttpMethod.Get, "readyz?verbose=true", null, cancellationToken, StatusCodes.Status503ServiceUnavailable)).Body);

    /// <summary>Changes something.</summary>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken = default) =>
        Read<T>((await SendAsync(method, path, body, cancellationToken)).Body);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken = default) => SendAsync<T>(HttpMethod.Post, path, body, cancellationToken);

    public Task<T> PutAsync<T>(string path, object body, CancellationToken cancellationToken = default) => SendAsync<T>(HttpMethod.Put, path, body, cancellationToken);

    public Task<T> DeleteAsync<T>(string path, CancellationToken cancellationToken = default) => SendAsync<T>(HttpMethod.Delete, path, null, cancellationToken);

    /// <summary>Changes something that others may have changed meanwhile.</summary>
    /// <returns>The document after the change; or, with <c>IsConflict</c>, as others have left it, and nothing was changed.</returns>
    /// <exception cref="AdminApiException">The broker refuses for another reason, or cannot be reached.</exception>
    public async Task<(T Document, bool IsConflict)> TryChangeAsync<T>(HttpMethod method, string path, object body, CancellationToken cancellationToken = default)
    {
        (int status, byte[] answer, _) = await SendAsync(method, path, body, cancellationToken, StatusCodes.Status409Conflict);
        return (Read<T>(answer), status == StatusCodes.Status409Conflict);
    }

    /// <summary>Opens live events. The caller disposes the answer.</summary>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public async Task<HttpResponseMessage> OpenEventsAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = await RequestAsync(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        HttpResponseMessage response = await ReachAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw FailureOf((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    private async Task<(int Status, byte[] Body, int? Total)> SendAsync(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken, int alsoExpected = StatusCodes.Status200OK)
    {
        using HttpRequestMessage request = await RequestAsync(method, path);
        if (method != HttpMethod.Get)
        {
            if (body is not null) request.Content = JsonContent.Create(body, options: ApiJson.Options);
            if ((await GetSessionAsync(cancellationToken)).CsrfToken is { } token) request.Headers.Add(TokenHeader, token);
        }

        using HttpResponseMessage response = await ReachAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        int status = (int)response.StatusCode;
        return response.IsSuccessStatusCode || status == alsoExpected ? (status, answer, TotalOf(response)) : throw FailureOf(status, answer);
    }

    private static int? TotalOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(TotalHeader, out IEnumerable<string>? values) && int.TryParse(values.First(), CultureInfo.InvariantCulture, out int total) ? total : null;

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        BrowserSessions.Of((await users.GetAuthenticationStateAsync()).User).AddTo(request, Broker);
        return request;
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(BrokerHttp.Timeout);
        try
        {
            return await Broker.Http.SendAsync(request, completion, timeout.Token);
        }
        catch (HttpRequestException failure)
        {
            // The reason without the address: pages of a broker that is away are there for whoever comes.
            throw Unreachable($"The broker {Broker.Name} cannot be reached: {(failure.InnerException ?? failure).Message}", failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"The broker {Broker.Name} did not answer within {BrokerHttp.Timeout.TotalSeconds:0} s.", failure);
        }
    }

    private static AdminApiException Unreachable(string message, Exception failure) => new(0, AdminApiException.Unreachable, message, [], null, failure);

    private static AdminApiException FailureOf(int status, byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize<ApiError>(body, ApiJson.Options) is { Message: not null } error)
                return new AdminApiException(status, error.Code, error.Message, error.Details ?? [], error.RequestId);
        }
        catch (JsonException)
        {
            // Something else answers at this address, or between here and there.
        }

        // A redirect leads to the login page.
        return status is >= 300 and < 400
            ? new AdminApiException(StatusCodes.Status401Unauthorized, "unauthorized", "Log in first.", [], null)
            : new AdminApiException(status, "unexpected_answer", $"What answered is no admin API of Fibril: status {status}.", [], null);
    }

    private static T Read<T>(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, ApiJson.Options)!;
        }
        catch (JsonException failure)
        {
            throw new AdminApiException(StatusCodes.Status200OK, "unexpected_answer", $"The broker's answer cannot be read: {failure.Message}", [], null, failure);
        }
    }
}
