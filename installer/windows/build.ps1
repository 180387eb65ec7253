# Builds the Windows installer on Windows 10 or 11, x64, from a clean clone. Needs: Python 3.11 (python.org, 64 bit), git, NSIS 3.08 or
# newer in PATH. In PowerShell:   installer\windows\build.ps1
# The same steps as `make dist`: locked packages by hash, committed sources only, PyInstaller with installer/tingdan.spec, then makensis.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

py -3.11 installer\freeze.py
if ($LASTEXITCODE -ne 0) { throw "freezing failed, see .var\dist\logs" }

$version = (Select-String -Path pyproject.toml -Pattern '^version = "(.+)"').Matches[0].Groups[1].Value
New-Item -ItemType Directory -Force dist | Out-Null
$out = Join-Path (Get-Location) "dist\tingdan-$version-setup-x64.exe"
makensis /INPUTCHARSET UTF8 /V2 "/DVERSION=$version" "/DPAYLOAD=$(Get-Location)\.var\dist\frozen\tingdan" `
    "/DICON=$(Get-Location)\.var\dist\source\installer\windows\tingdan.ico" "/DOUT=$out" installer\windows\tingdan.nsi
if ($LASTEXITCODE -ne 0) { throw "makensis failed" }

# The frozen program as it will be installed: it answers, and finds what it needs.
& .var\dist\frozen\tingdan\tingdan.exe --version
& .var\dist\frozen\tingdan\tingdan.exe doctor
(Get-FileHash -Algorithm SHA256 $out).Hash.ToLower() + "  " + (Split-Path -Leaf $out) | Set-Content -Encoding ascii "$out.sha256"
Write-Output "done: $out (sign it with the centre's certificate: signtool sign /fd SHA256 /tr ... $out)"
