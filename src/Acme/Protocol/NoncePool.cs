namespace CertOperator.Acme;

/// <summary>
/// Anti-replay nonces of one directory (RFC 8555 section 6.5). Every response brings one, so after the first request the pool feeds itself.
/// Last in, first out: the youngest nonce is the likeliest to be good still. Bounded by count and age. Thread-safe.
/// </summary>
internal sealed class NoncePool(int capacity, TimeSpan lifetime, TimeProvider time)
{
    // Some CAs put encrypted state into a nonce; 512 characters is far above any of them.
    private const int MaxNonceChars = 512;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Nonce, long Added)> _nonces = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _nonces.Count;
            }
        }
    }

    /// <summary>Keeps a nonce; one that is not base64url is ignored, as section 6.5.1 demands.</summary>
    public void Add(string? nonce)
    {
        if (!IsValid(nonce))
        {
            return;
        }

        lock (_gate)
        {
            if (_nonces.Count >= capacity)
            {
                _nonces.RemoveFirst();
            }

            _nonces.AddLast((nonce!, time.GetTimestamp()));
        }
    }

    public string? TryTake()
    {
        lock (_gate)
        {
            if (_nonces.Last is not { } youngest)
            {
                return null;
            }

            if (time.GetElapsedTime(youngest.Value.Added) > lifetime)
            {
                // All others are older still.
                _nonces.Clear();
                return null;
            }

            _nonces.RemoveLast();
            return youngest.Value.Nonce;
        }
    }

    public static bool IsValid(string? nonce) => nonce is { Length: > 0 and <= MaxNonceChars } && Base64UrlText.IsValid(nonce);
}
