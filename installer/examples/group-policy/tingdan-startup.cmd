@echo off
rem Group policy, computer start-up script: installs or upgrades Tingdan for the PC, silently.
rem   Computer Configuration, Policies, Windows Settings, Scripts, Startup:  tingdan-startup.cmd \\server\share 0.1.0
rem 1: folder with tingdan-VERSION-setup-x64.exe and policy.toml, readable by computers; 2: version that every desk is to have.
rem Ends with 0 where that version is there already or was installed, with the installer's code otherwise (2: nothing was changed, next start again).
setlocal
set "SHARE=%~1"
set "WANTED=%~2"
if "%WANTED%"=="" (
  echo tingdan-startup.cmd SHARE VERSION
  exit /b 87
)
set "KEY=HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Tingdan"
set "HAVE="
for /f "tokens=2,*" %%a in ('reg query "%KEY%" /v DisplayVersion /reg:64 2^>nul ^| find "DisplayVersion"') do set "HAVE=%%b"
if exist "%SHARE%\policy.toml" (
  if not exist "%ProgramData%\tingdan" mkdir "%ProgramData%\tingdan"
  copy /y "%SHARE%\policy.toml" "%ProgramData%\tingdan\policy.toml" >nul
)
if "%HAVE%"=="%WANTED%" exit /b 0
"%SHARE%\tingdan-%WANTED%-setup-x64.exe" /S /AllUsers
exit /b %ERRORLEVEL%
